for n in $(seq 1 24); do echo "int f$n(void) { return $n; }" >f$n.c; done
echo 'int main(void) { return 0; }' >main.c
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.10)
project(demo C)
file(GLOB sources f*.c)
add_library(demo ${sources})
add_executable(main main.c)
target_link_libraries(main demo)
END
