#!/usr/bin/env bats
# A first installation, the same again, and the versions after and before.
load common

@test "a fresh installation runs, and its place is the only line on stdout" {
  release 1.0.0
  found=$(install 2>"$BATS_TEST_TMPDIR/words")
  [ "$found" = "$PROGRAM" ]
  [ "$(current)" = versions/1.0.0 ]
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
  [ "$(stat -c %a "$ROOT_DIR")" = 700 ]
  [ ! -L "$ROOT_DIR/.lock" ]
  [ -z "$(find "$ROOT_DIR" -name '.tmp*' -o -name '*.new.*')" ]
}

@test "the receipt is JSON and tells the version, the variant and the folder" {
  release 1.0.0
  install
  python3 - "$ROOT_DIR" <<'PYTHON'
import json, pathlib, sys
receipt = json.loads((pathlib.Path(sys.argv[1]) / "receipt.json").read_text())
assert (receipt["version"], receipt["variant"]) == ("1.0.0", "headless"), receipt
assert receipt["home"] == sys.argv[1], receipt
PYTHON
}

@test "it works the same under bash, dash and busybox, and from a pipe" {
  release 1.0.0
  for shell in bash dash "busybox sh" "bash --posix"; do
    $shell "$SCRIPT" --headless --quiet
    [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
    sh "$SCRIPT" --uninstall --quiet
    [ ! -e "$ROOT_DIR" ]
  done
  bash -s -- --headless --version 1.0.0 <"$SCRIPT"
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
}

@test "installing twice changes nothing the second time" {
  release 1.0.0
  install
  snapshot "$HOME" >"$BATS_TEST_TMPDIR/first"
  run install
  is_code 0
  says "installed already"
  snapshot "$HOME" >"$BATS_TEST_TMPDIR/second"
  diff "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/second"
}

@test "an upgrade switches, and keeps the version before and no older one" {
  release 1.0.0
  install
  release 1.1.0
  install
  release 2.0.0
  install
  [ "$("$PROGRAM" version)" = "llama-runner-pro 2.0.0" ]
  [ "$(cat "$ROOT_DIR/previous.txt")" = 1.1.0 ]
  [ "$(ls "$ROOT_DIR/versions")" = "1.1.0
2.0.0" ]
}

@test "a downgrade by name works, and needs no download when the version is still here" {
  release 1.0.0
  install
  release 2.0.0
  install
  rm "$RELEASES/$(archive 1.0.0)"
  touch "$RELEASES/$(archive 1.0.0)"
  run install --version 1.0.0
  is_code 0
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
  [ "$(cat "$ROOT_DIR/previous.txt")" = 2.0.0 ]
}

@test "--force puts a version beside itself and switches to the new copy" {
  release 1.0.0
  install
  install --force
  [ "$(current)" = "versions/1.0.0~2" ]
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
  run install
  says "installed already"
  [ "$(sed -n 's/.*"version": "\(.*\)",/\1/p' "$ROOT_DIR/receipt.json")" = 1.0.0 ]
}

@test "a version that was damaged since is put in place anew" {
  release 1.0.0
  install
  echo 'exit 1' >"$ROOT_DIR/versions/1.0.0/backend/llama-runner-pro-backend"
  run install
  is_code 0
  says "damaged"
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
}

@test "an upgrade stays headless until --desktop asks for the window" {
  release 1.0.0
  install
  release 1.1.0
  sh "$SCRIPT"
  [ -x "$ROOT_DIR/current/backend/llama-runner-pro-backend" ]
  release 1.1.0 desktop
  sh "$SCRIPT" --desktop
  [ -x "$ROOT_DIR/current/resources/backend/llama-runner-pro-backend" ]
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.1.0" ]
}

@test "links inside the release stay links" {
  release 1.0.0
  install
  [ "$(readlink "$ROOT_DIR/current/backend/_internal/real.so")" = real.so.1 ]
}

@test "the launcher passes every argument on unchanged, and starts the version's own folder" {
  release 1.0.0
  install
  cat >"$ROOT_DIR/versions/1.0.0/backend/llama-runner-pro-backend" <<'BACKEND'
#!/bin/sh
printf '<%s>' "$0" "$@"
BACKEND
  [ "$("$PROGRAM" "a b" '*' '' "c'd")" = \
    "<$ROOT_DIR/versions/1.0.0/backend/llama-runner-pro-backend><a b><*><><c'd>" ]
}

@test "without network, --offline installs a file with the sums beside it" {
  release 1.0.0
  unset LRP_BASE_URL
  cd "$RELEASES"
  run sh "$SCRIPT" --offline "$(archive 1.0.0)"
  is_code 0
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
}

@test "--offline refuses a file that is not a release for this system" {
  release 1.0.0
  cp "$RELEASES/$(archive 1.0.0)" "$RELEASES/other.tar.gz"
  run sh "$SCRIPT" --offline "$RELEASES/other.tar.gz"
  is_code 2
  run sh "$SCRIPT" --offline "$RELEASES/llama-runner-pro-1.0.0-linux-mips.tar.gz"
  is_code 2
  run sh "$SCRIPT" --offline "$RELEASES/llama-runner-pro-1.0.9-$TARGET.tar.gz"
  is_code 5
  [ ! -e "$ROOT_DIR" ]
}
