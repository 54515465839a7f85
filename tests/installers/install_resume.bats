#!/usr/bin/env bats
# Killed at the worst moment: what was stopped for the switch comes back.
load common
load resume

@test "killed between the stop and the start, the sidecar is brought back without another run" {
  for step in "cat 1" "cat 2" "ln 1" "mv 2" "rm 1"; do
    killer ${step% *} ${step#* } "$paused"
    killed_install
    no_killer
    until_serving || { echo "$step"; return 1; }
    last=$(tail -n 1 "$ROOT_DIR/run/served")
    [ "${last#* }" = "--port 9000 --config a b'c.json" ]
    [ "$(readlink "/proc/$(serving_pid)/cwd")" = "$HOME" ]
    # Once more from the beginning.
    install --quiet --version 1.0.0
    until_serving
  done
}

@test "when whatever watches is killed as well, the next run brings it back" {
  for step in "cat 1" "ln 1"; do
    killer ${step% *} ${step#* } "$paused"
    # Nothing outlives the killed run.
    fake setsid <<<'exit 0'
    killed_install
    no_killer
    [ ! -e "$ROOT_DIR/run/sidecar.json" ]
    run install --version 1.1.0
    is_code 0
    until_serving
    [ "$(tail -n 1 "$ROOT_DIR/run/served")" = "1.1.0 --port 9000 --config a b'c.json" ]
    [ ! -e "$ROOT_DIR/resume.sh" ]
    install --quiet --version 1.0.0
    until_serving
  done
}

@test "a next run that fails brings it back too" {
  killer ln 1 "$paused"
  fake setsid <<<'exit 0'
  killed_install
  no_killer
  echo broken >"$RELEASES/$(archive 1.1.0)"
  run install --force
  is_code 6
  until_serving
  [ "$(tail -n 1 "$ROOT_DIR/run/served")" = "1.0.0 --port 9000 --config a b'c.json" ]
}

@test "what somebody started in the meantime is not started twice" {
  killer ln 1 "$paused"
  fake setsid <<<'exit 0'
  killed_install
  no_killer
  started --port 1
  run install --version 1.0.0
  is_code 0
  [ "$(tail -n 1 "$ROOT_DIR/run/served")" = "1.0.0 --port 1" ]
  [ ! -e "$ROOT_DIR/resume.sh" ]
}

@test "whatever watches ends with its run, and leaves the next one alone" {
  run install
  is_code 0
  eventually refute pgrep -f "watcher .* $ROOT_DIR/resume.sh"
  until_serving
  [ "$(tail -n 1 "$ROOT_DIR/run/served")" = "1.1.0 --port 9000 --config a b'c.json" ]
}

# as_it_was: the version before is current again, and serves as it did.
as_it_was() {
  until_serving
  [ "$(current)" = versions/1.0.0 ]
  [ "$(tail -n 1 "$ROOT_DIR/run/served")" = "1.0.0 --port 9000 --config a b'c.json" ]
  [ "$(cat "$ROOT_DIR/previous.txt" 2>/dev/null)" = "$1" ]
  [ ! -e "$ROOT_DIR/resume.sh" ]
}

@test "killed while a version starts that fails with these data, the one before serves again" {
  release 0.9.0
  install --quiet --version 0.9.0
  install --quiet --version 1.0.0
  until_serving
  release 1.1.0 headless KILL-data
  killed_install
  as_it_was 0.9.0
}

@test "killed after the switch, and whatever watches as well: the next run goes back and tries anew" {
  release 1.1.0 headless data
  # The first is the note of the version before, the second the switch.
  killer mv 2 "$paused"
  fake setsid <<<'exit 0'
  killed_install
  no_killer
  is_current 1.1.0
  [ ! -e "$ROOT_DIR/run/sidecar.json" ]
  run install
  is_code 10
  says "1.0.0 is back"
  as_it_was ""
}

@test "killed while a slow version starts, that one is waited for" {
  release 1.1.0 headless KILL-slow
  killed_install
  until_serving
  eventually nothing_is_promised
  [ "$(current)" = versions/1.1.0 ]
  [ "$(tail -n 1 "$ROOT_DIR/run/served")" = "1.1.0 --port 9000 --config a b'c.json" ]
  [ "$(cat "$ROOT_DIR/previous.txt")" = 1.0.0 ]
}

@test "interrupted while a version starts that fails, the one before serves again" {
  release 1.1.0 headless INT-data
  run install
  is_code 130
  as_it_was ""
}

@test "an end by a reader that leaves brings it back as well" {
  old=$(serving_pid)
  sh "$SCRIPT" --headless 2>&1 | head -n 1 || true
  until_serving
  eventually is_unlocked
  kill -0 "$(serving_pid)"
  [ -z "$(find "$ROOT_DIR" -maxdepth 1 -name '.tmp*' -o -maxdepth 1 -name .lock)" ]
}

@test "uninstalling after a kill leaves nothing, and starts nothing" {
  killer ln 1 "$paused"
  fake setsid <<<'exit 0'
  killed_install
  no_killer
  run install --uninstall
  is_code 0
  [ ! -e "$ROOT_DIR/resume.sh" ]
  [ ! -e "$ROOT_DIR/run/sidecar.json" ] || refute kill -0 "$(serving_pid)"
}

@test "what a self-test of a killed run left running is ended by the next run" {
  # Asked whether it serves yet, the answer waits until it does.
  trial="case \"\$*\" in *'is running'*) until ls '$ROOT_DIR'/.tmp.*/trial/run/sidecar.json; do
    sleep 0.1; done >/dev/null 2>&1 ;; *) false ;; esac"
  killer grep 1 "$trial"
  killed_install
  no_killer
  left=$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "$ROOT_DIR"/.tmp.*/trial/run/sidecar.json)
  kill -0 "$left"
  install --quiet
  refute kill -0 "$left"
}
