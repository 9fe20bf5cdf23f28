mkdir src
for n in 1 2 3 4 5 6; do head -c 400000 /dev/urandom >src/file$n.bin; done
