#!/usr/bin/env bats
# Systems and tools: those without a build, and those that lack what others have.
load common

@test "systems and processors without a build get words and a way out" {
  release 1.0.0
  system() {
    fake uname <<FAKE
#!/bin/sh
case \$1 in -s) echo "$1" ;; -m) echo "$2" ;; -r) echo "${3:-6.1}" ;; esac
FAKE
  }
  for bad in "FreeBSD x86_64" "Linux riscv64" "Linux i686" "MINGW64_NT-10.0 x86_64" \
    "Linux x86_64 4.4.0-19041-Microsoft"; do
    system $bad
    run install
    is_code 3 || { echo "$bad"; return 1; }
  done
  system Linux x86_64 5.15.90.1-microsoft-standard-WSL2
  run install --print-config
  says "target=linux-x64"
  system Linux aarch64
  run install --print-config
  says "target=linux-arm64"
  system Darwin arm64
  run install --print-config
  says "target=macos-arm64"
  system Darwin x86_64
  run install --print-config
  says "target=macos-x64"
  fake sysctl <<<'echo 1'
  run install --print-config
  says "target=macos-arm64"
}

@test "musl, an old glibc and 32-bit programs are told apart" {
  release 1.0.0
  fake getconf <<'FAKE'
#!/bin/sh
[ "$1" = LONG_BIT ] && echo 64 || exit 1
FAKE
  fake ldd <<<'echo "musl libc (x86_64)"'
  run install
  is_code 3
  says "musl"
  fake getconf <<'FAKE'
#!/bin/sh
[ "$1" = LONG_BIT ] && echo 64 || echo "glibc 2.31"
FAKE
  run install
  is_code 3
  says "glibc 2.31"
  fake getconf <<<'echo 32'
  run install
  is_code 3
  says "32"
  fake getconf <<'FAKE'
#!/bin/sh
[ "$1" = LONG_BIT ] && echo 64 || echo "glibc 3.0"
FAKE
  run install
  is_code 0
}

@test "where free space cannot be told, it goes on and says so" {
  release 1.0.0
  fake df <<<'echo "df: no such thing" >&2; exit 1'
  run install
  is_code 0
  says "Could not tell how much space is free"
}

@test "a mv that cannot replace a link, as of older systems of Apple, does not stop the switch" {
  real=$(command -v mv)
  fake mv <<FAKE
#!/bin/sh
case \$1 in -*[Th]*) echo "mv: illegal option" >&2; exit 64 ;; esac
exec $real "\$@"
FAKE
  release 1.0.0
  install
  release 1.1.0
  install
  [ "$(current)" = versions/1.1.0 ]
  [ -z "$(find "$ROOT_DIR" -name '.current*')" ]
  [ "$(ls "$ROOT_DIR/versions")" = "1.0.0
1.1.0" ]
}
