mkdir s
echo 'project = "demo"' >s/conf.py
printf 'Demo\n====\n\n.. toctree::\n   :glob:\n\n   p*\n' >s/index.rst
for n in $(seq 1 15); do printf 'Page %s\n=======\n\nText.\n' $n >s/p$n.rst; done
