mkdir src
echo 'fn main() {}' >src/main.rs
printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n' >Cargo.toml
for n in $(seq 1 8); do
    mkdir -p c$n/src
    echo "pub fn f() {}" >c$n/src/lib.rs
    printf '[package]\nname = "c%s"\nversion = "0.1.0"\nedition = "2021"\n' $n >c$n/Cargo.toml
    echo "c$n = { path = \"c$n\" }" >>Cargo.toml
done
