#!/usr/bin/env bats
# Killed at the worst moment: what was stopped for the switch comes back.
load common

# killer TOOL COUNT CONDITION: the installation is killed at the COUNT-th use of a tool while the
# condition holds. Its own process id is in the lock.
killer() {
  real=$(command -v "$1")
  rm -f "$BATS_TEST_TMPDIR/uses"
  fake "$1" <<FAKE
#!/bin/sh
if [ -L "$ROOT_DIR/.lock" ] && $3; then
  echo x >>"$BATS_TEST_TMPDIR/uses"
  [ "\$(wc -l <"$BATS_TEST_TMPDIR/uses")" -ne "$2" ] ||
    kill -9 "\$(/usr/bin/readlink "$ROOT_DIR/.lock")"
fi
exec $real "\$@"
FAKE
}

no_killer() {
  rm -rf "$BATS_TEST_TMPDIR/bin"
  hash -r
}

# killed_install: it must not have come to its end.
killed_install() {
  code=0
  sh "$SCRIPT" --headless --quiet >/dev/null 2>&1 3>&- || code=$?
  [ "$code" -eq 137 ]
}

sleep_until_gone() {
  for _ in $(seq 100); do [ -e "$1" ] || return 0; sleep 0.1; done
  return 1
}

setup() {
  common_setup
  # The old one is gone and the new one not yet there.
  paused="[ ! -e '$ROOT_DIR/run/sidecar.json' ]"
  release 1.0.0
  release 1.1.0
  install --quiet --version 1.0.0
  started --port 9000 --config "a b'c.json"
}

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
  refute pgrep -f "watcher .* $ROOT_DIR/resume.sh"
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
  # The first is the note of the version before, the second the switch, which still happens.
  killer mv 2 "$paused"
  fake setsid <<<'exit 0'
  killed_install
  no_killer
  for _ in $(seq 50); do [ "$(current)" != versions/1.1.0 ] || break; sleep 0.1; done
  [ "$(current)" = versions/1.1.0 ]
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
  sleep_until_gone "$ROOT_DIR/resume.sh.taken"
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
  for _ in $(seq 100); do [ -L "$ROOT_DIR/.lock" ] || break; sleep 0.1; done
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

# systemd AT_RESTART: a service manager; what it does at a restart goes on when the asker is killed.
systemd() {
  fake systemctl <<FAKE
#!/bin/sh
program=$PROGRAM
serve_again() {
  "\$program" stop
  setsid "\$program" serve >/dev/null 2>&1 </dev/null 3>&- &
}
kill_asker() {
  kill -9 "\$(readlink "$ROOT_DIR/.lock")"
}
case \$2 in
  is-active) exec "\$program" status ;;
  stop) exec "\$program" stop ;;
  start) serve_again ;;
  restart) $1 ;;
esac
FAKE
}

service() {
  "$PROGRAM" stop
  systemd serve_again
  install --quiet --version 1.0.0 --service
  until_serving
}

# Killed together with its watcher, so that only the next run can mend it.
both_killed() {
  fake setsid <<<'exit 0'
  killed_install
  rm "$BATS_TEST_TMPDIR/bin/setsid"
  hash -r
}

until_served() {
  for _ in $(seq 100); do
    [ "$(tail -n 1 "$ROOT_DIR/run/served")" != "$1 " ] || return 0
    sleep 0.1
  done
  return 1
}

@test "killed while systemd restarts the service, the new version serves" {
  service
  systemd 'serve_again; kill_asker'
  killed_install
  until_served 1.1.0
}

@test "killed before systemd does anything, the old version serves until the next run" {
  service
  old=$(serving_pid)
  systemd kill_asker
  both_killed
  kill -0 "$old"
  [ "$(current)" = versions/1.1.0 ]
  systemd serve_again
  run install
  is_code 0
  until_served 1.1.0
  refute kill -0 "$old"
}

@test "killed while systemd starts a version that fails, the one before serves again" {
  service
  release 1.1.0 headless KILL-data
  # It tries to start a failed program no more, as it does after a few failures.
  systemd serve_again
  # Nothing comes up, and nobody tells; so no time passes here either.
  fake sleep <<<'exec /bin/sleep 0.05'
  old=$(serving_pid)
  killed_install
  for _ in $(seq 600); do [ "$(current)" != versions/1.0.0 ] || break; sleep 0.05; done
  [ "$(current)" = versions/1.0.0 ]
  until_serving
  [ "$(serving_pid)" != "$old" ]
}

@test "when the next run finds that the new version of the service fails, it goes back" {
  service
  systemd kill_asker
  release 1.1.0 headless data
  both_killed
  [ "$(current)" = versions/1.1.0 ]
  systemd serve_again
  fake sleep <<<'exec /bin/sleep 0.05'
  run install
  is_code 10
  until_served 1.0.0
  [ "$(current)" = versions/1.0.0 ]
}
