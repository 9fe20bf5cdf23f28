export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.example GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.example
git init -q --bare bare.git
git init -q g
cd g
for n in $(seq 1 300); do head -c 20000 /dev/urandom >f$n; done
git add .
git commit -qm one
