#!/bin/sh
# A believable build that fails: groups, a percentage, a warning and an error. It builds nothing.
# Usage: progress run examples/build.sh
echo "::group::Configure"
echo "compiler: cc 13.2, target: x86_64-linux-gnu"
echo "found zlib 1.3, openssl 3.2"
echo "::endgroup::"
echo "::group::Compile"
done=0
for part in lexer parser ast types check lower emit link; do
    done=$((done + 1))
    printf '[%3d%%] Building CXX object src/CMakeFiles/%s.dir/%s.cpp.o\n' $((done * 10)) "$part" "$part"
    sleep 0.6
done
echo "::warning::src/types.cpp:212: unused variable 'width'"
printf '\033[1msrc/emit.cpp:88:17:\033[0m \033[31merror:\033[0m no member named \033[1mflush\033[0m in Sink\n'
printf '   88 |     sink->\033[31mflush\033[0m();\n      |           \033[31m^~~~~\033[0m\n'
echo "::error::src/emit.cpp:88: no member named 'flush' in Sink"
echo "::endgroup::"
echo "make: *** [Makefile:42: build] Error 1" >&2
exit 2
