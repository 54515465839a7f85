#!/usr/bin/env bats
# install.bat and what runs: it comes back as it was, whatever happens to the installer.
load wine
setup() { wine_setup; }
teardown() { wine_teardown; }

no_promise_is_left() {
  [ -z "$(find "$ROOT_DIR" -name 'tmp.*' -o -name lock -o -name 'resume.*')" ]
}

@test "an upgrade stops the running one and starts the new one as that was started" {
  release 1.0.0
  install --headless --start
  release 1.1.0
  run install
  is_code 0
  has_served "1.0.0
1.1.0 --as-before"
  no_promise_is_left
}

@test "a window that was open is opened again" {
  release 1.0.0 desktop
  install
  in_windows "start \"\" \"$WINDOWS_HOME\\.llama-runner-pro\\versions\\1.0.0\\llama-runner-pro.exe\""
  eventually test -e "$ROOT_DIR/run/sidecar.json"
  release 1.1.0 desktop
  run install
  is_code 0
  eventually has_served "window
window"
}

@test "what serves from elsewhere with the same data is left alone" {
  release 1.0.0
  install --headless
  mkdir -p "$ROOT_DIR/run"
  echo '{"pid": 1}' >"$ROOT_DIR/run/sidecar.json"
  echo '{"program": "C:\\Python\\python.exe"}' >"$ROOT_DIR/run/start.json"
  release 1.1.0
  run install
  is_code 0
  [ -e "$ROOT_DIR/run/sidecar.json" ]
  [ ! -e "$ROOT_DIR/run/served" ]
  run install --uninstall
  is_code 0
  [ -e "$ROOT_DIR/run/sidecar.json" ]
}

@test "an old note about a sidecar that is gone stops and starts nothing" {
  release 1.0.0
  install --headless
  mkdir -p "$ROOT_DIR/run"
  echo gone >"$ROOT_DIR/run/sidecar.json"
  echo '{"program": "llama-runner-pro-backend.exe"}' >"$ROOT_DIR/run/start.json"
  release 1.1.0
  run install
  is_code 0
  [ ! -e "$ROOT_DIR/run/served" ]
}

@test "a version that fails with these data is taken back, and the one before serves as it did" {
  release 1.0.0
  install --headless --start
  release 1.1.0 headless data
  run install
  is_code 10
  eventually last_served "1.0.0 --as-before"
  [ "$(current)" = 1.0.0 ]
  no_promise_is_left
}

@test "a running one that does not stop keeps everything as it is" {
  release 1.0.0 headless stop
  install --headless --start
  release 1.1.0
  run install
  is_code 8
  [ "$(current)" = 1.0.0 ]
  run install --uninstall
  is_code 8
  [ -e "$ROOT_DIR/receipt.json" ]
}

@test "killed right after the switch: nothing is broken, and the next run serves the new version" {
  release 1.0.0
  install --headless --start
  release 1.1.0 headless late
  killed_at install
  [ "$(current)" = 1.1.0 ]
  [ ! -e "$ROOT_DIR/run/sidecar.json" ]
  [ "$(typed version)" = "llama-runner-pro 1.1.0" ]
  run install --force
  is_code 0
  [ "$(typed version)" = "llama-runner-pro 1.1.0" ]
  [ "$(tr -d '\r' <"$ROOT_DIR/previous.txt")" = 1.0.0 ]
  eventually last_served "1.1.0 --as-before"
  no_promise_is_left
}

@test "killed after the switch to a version that fails: the next run goes back, whatever it does" {
  release 0.9.0
  install --headless
  release 1.0.0
  install --start
  for words in "--force" "--force --version 7.7.7" "--force --rollback"; do
    release 1.1.0 headless late-data
    rm -f "$TEMPORARY/hung"
    killed_at install
    [ "$(current)" = 1.1.0 ]
    : >"$ROOT_DIR/run/served"
    run install $words
    case $words in
      --force) is_code 10 ;;
      *7.7.7) is_code 5 ;;
      *) is_code 0 ;;
    esac
    eventually last_served "1.0.0 --as-before"
    # It is there for the next round, too.
    eventually test -e "$ROOT_DIR/run/sidecar.json"
    [ "$(current)" = 1.0.0 ]
    [ "$(tr -d '\r' <"$ROOT_DIR/previous.txt")" = 0.9.0 ]
    no_promise_is_left
    rm -rf "$ROOT_DIR/versions/1.1.0"
  done
}

@test "two at once do not meet; what a killed one left is named" {
  release 1.0.0
  install --headless
  mkdir "$ROOT_DIR/lock"
  release 1.1.0
  run install
  is_code 8
  says "--force"
  [ "$(current)" = 1.0.0 ]
  run install --force
  is_code 0
  [ "$(current)" = 1.1.0 ]
}

one_of_two_ended() {
  [ -e "$BATS_TEST_TMPDIR/one/code" ] || [ -e "$BATS_TEST_TMPDIR/other/code" ]
}

@test "of two that begin in the same moment, one installs and the other one says so" {
  release 1.0.0
  # Whoever may begin holds on there until the other one has ended.
  export TOOLS_AT="pause certutil"
  for name in one other; do
    (
      # Each with a folder of its own for what it says.
      BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR/$name
      mkdir "$BATS_TEST_TMPDIR"
      code=0
      install --headless >"$BATS_TEST_TMPDIR/words" || code=$?
      echo "$code" >"$BATS_TEST_TMPDIR/making"
      mv "$BATS_TEST_TMPDIR/making" "$BATS_TEST_TMPDIR/code"
    ) 3>&- &
  done
  eventually test -e "$TEMPORARY/hanging"
  eventually one_of_two_ended
  rm "$TEMPORARY/hanging"
  wait
  [ "$(sort -n "$BATS_TEST_TMPDIR"/o*/code | tr '\n' ' ')" = "0 8 " ]
  output=$(cat "$BATS_TEST_TMPDIR"/o*/words)
  says "Another installation is at work here"
  unset TOOLS_AT
  [ "$(typed version)" = "llama-runner-pro 1.0.0" ]
  no_promise_is_left
}
