for _ in 1 2 3 4 5 6; do
    head -c 8000000 /dev/urandom
    head -c 8000000 /dev/zero
done >huge.bin
