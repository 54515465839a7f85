#!/usr/bin/env bats
# Addresses of releases: how they may be written, and which are refused before anything is asked.
load common

# quoted_address FOLDER: as a file:// address, every unusual letter by its number.
quoted_address() {
  python3 -c 'import pathlib, sys; print(pathlib.Path(sys.argv[1]).as_uri())' "$1"
}

@test "a file:// address may have any letter by its number, in every shell" {
  release 1.0.0
  odd="$BATS_TEST_TMPDIR/Jörg #1 100% [a]?+&\\n b'c\"日本"
  mv "$RELEASES" "$odd"
  address=$(quoted_address "$odd")
  [[ "$address" == *%C3%B6*%23*%25* ]]
  for shell in "bash --posix" bash dash "busybox sh" "zsh --emulate sh"; do
    run $shell "$SCRIPT" --headless --dry-run --base-url "$address"
    is_code 0 || { echo "$shell"; return 1; }
    says "Would install LlamaRunner Pro 1.0.0"
  done
  # Small letters in the numbers, and a slash too many.
  run install --base-url "$(printf '%s' "$address" | sed 's/%C3%B6/%c3%b6/')//"
  is_code 0
  run install --dry-run --base-url "file://localhost${address#file://}"
  is_code 0
}

@test "a percent sign that begins no number is refused, and so are numbers of control characters" {
  for bad in % %4 %zz %G0 %00 %0A %7f a%20%; do
    run install --base-url "file:///tmp/$bad"
    is_code 2 || { echo "$bad"; return 1; }
  done
  run install --base-url "file:///100%/x"
  says "%25"
}

@test "a folder that is not there is named" {
  run install --base-url "file:///nowhere/rel%20eases"
  is_code 5
  says "There is no folder /nowhere/rel eases"
  run install --base-url /nowhere
  is_code 5
  [ ! -e "$ROOT_DIR" ]
}

@test "an address with a query or a fragment is no folder of releases" {
  for bad in 'https://example.org/rel?token=1' 'https://example.org/rel#x' \
    'http://localhost:1/?x' 'https://example.org/a b'; do
    run install --base-url "$bad"
    is_code 2 || { echo "$bad"; return 1; }
  done
}

@test "http is for this computer alone, however another one is dressed up" {
  for bad in http://example.org http://localhost.example.org http://127.0.0.1@example.org \
    'http://[::1]:80@example.org' 'http://[::1]@example.org' http://127.0.0.1.example.org/ \
    'http://user:localhost@example.org' 'http://localhost:80@example.org:8000/x'; do
    run install --base-url "$bad"
    is_code 2 || { echo "$bad"; return 1; }
    says "not encrypted"
  done
}

# only_programs FOLDER: first on a PATH that has neither curl nor wget.
only_programs() {
  without curl wget
  PATH=$1:$PATH
}

@test "the curl of snap cannot write where it must, so it is not used" {
  release 1.0.0
  mkdir -p "$BATS_TEST_TMPDIR/snap/bin"
  printf '#!/bin/sh\necho x >>"$HOME/../asked"\nexit 23\n' >"$BATS_TEST_TMPDIR/snap/bin/curl"
  chmod +x "$BATS_TEST_TMPDIR/snap/bin/curl"
  only_programs "$BATS_TEST_TMPDIR/snap/bin"
  run /bin/sh "$SCRIPT" --headless --base-url https://example.org
  is_code 4
  says "snap"
  printf '#!/bin/sh\necho "$*" >>"$HOME/../asked"\nexit 4\n' >"$BATS_TEST_TMPDIR/snap/bin/wget"
  chmod +x "$BATS_TEST_TMPDIR/snap/bin/wget"
  run /bin/sh "$SCRIPT" --headless --base-url https://example.org
  is_code 5
  grep -F https://example.org/latest.txt "$HOME/../asked"
}

@test "the wget of busybox, which trusts every certificate, is not used for https" {
  mkdir -p "$BATS_TEST_TMPDIR/busybox"
  ln -s "$(command -v busybox)" "$BATS_TEST_TMPDIR/busybox/wget"
  only_programs "$BATS_TEST_TMPDIR/busybox"
  run /bin/sh "$SCRIPT" --headless --base-url https://example.org --version 1.0.0
  is_code 4
  says "busybox"
}
