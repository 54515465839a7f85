#!/usr/bin/env bats
# Killed while a service of systemd changes its version: one step that it ends without us.
load common
load resume

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

last_served() {
  [ "$(tail -n 1 "$ROOT_DIR/run/served")" = "$1 " ]
}

# the_old_one_goes_on PID: it serves and is current; an installation that is not killed replaces it.
the_old_one_goes_on() {
  eventually is_current 1.0.0
  eventually nothing_is_promised
  [ "$(serving_pid)" = "$1" ]
  kill -0 "$1"
  [ ! -e "$ROOT_DIR/previous.txt" ]
  systemd serve_again
  run install
  is_code 0
  eventually last_served 1.1.0
  is_current 1.1.0
  refute kill -0 "$1"
}

@test "killed between the switch and the restart of the service, the version that serves is current" {
  service
  old=$(serving_pid)
  # The first is the note of the version before, the second the switch.
  killer mv 2 "[ -e '$ROOT_DIR/resume.sh' ]"
  killed_install
  no_killer
  the_old_one_goes_on "$old"
}

@test "killed before systemd does what it was asked for, the version that serves is current" {
  service
  old=$(serving_pid)
  systemd kill_asker
  # It might still begin; no time passes meanwhile.
  fake sleep <<<'exec /bin/sleep 0.05'
  killed_install
  the_old_one_goes_on "$old"
}

@test "killed while systemd restarts the service, the new version serves" {
  service
  systemd 'serve_again; kill_asker'
  killed_install
  eventually last_served 1.1.0
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
  eventually last_served 1.1.0
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
  eventually is_current 1.0.0
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
  eventually last_served 1.0.0
  [ "$(current)" = versions/1.0.0 ]
}
