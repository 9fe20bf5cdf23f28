head -c 12000000 /dev/urandom >big.bin
head -c 5000000 big.bin >two.bin
