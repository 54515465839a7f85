# What kills an installation at a given moment, and what is looked at afterwards.

# killer TOOL COUNT CONDITION: the installation is killed right after the COUNT-th use of a tool that
# began while the condition held. Its own process id is in the lock; a shell of its own that uses the
# tool ends with it.
killer() {
  real=$(command -v "$1")
  rm -f "$BATS_TEST_TMPDIR/uses"
  fake "$1" <<FAKE
#!/bin/sh
if [ -L "$ROOT_DIR/.lock" ] && $3; then
  echo x >>"$BATS_TEST_TMPDIR/uses"
  if [ "\$(wc -l <"$BATS_TEST_TMPDIR/uses")" -eq "$2" ]; then
    $real "\$@"
    exec kill -9 \$PPID "\$(/usr/bin/readlink "$ROOT_DIR/.lock")"
  fi
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

# nothing_is_promised: neither to whatever watches nor to the next run.
nothing_is_promised() {
  [ -z "$(find "$ROOT_DIR" -maxdepth 1 -name 'resume.sh*')" ]
}

is_current() {
  [ "$(current)" = "versions/$1" ]
}

is_unlocked() {
  [ ! -L "$ROOT_DIR/.lock" ]
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
