#!/usr/bin/env bats
# Homes, disks and moments that are not as one would wish.
load common

@test "a home with spaces, letters of other languages and signs that shells read works" {
  for odd in "Jörg Ł (x86)" "a'b\"c" 'd$HOME`e`' 'back\slash' 'star*[x]'; do
    export HOME="$BATS_TEST_TMPDIR/$odd"
    mkdir -p "$HOME"
    echo "# mine" >"$HOME/.bashrc"
    release 1.0.0
    install --quiet --start
    [ "$("$HOME/.llama-runner-pro/bin/llama-runner-pro" version)" = "llama-runner-pro 1.0.0" ]
    [ "$(bash -c '. "$HOME/.bashrc"; command -v llama-runner-pro')" = \
      "$HOME/.llama-runner-pro/bin/llama-runner-pro" ]
    release 1.1.0
    install --quiet
    install --quiet --uninstall
    [ "$(cat "$HOME/.bashrc")" = "# mine" ]
    [ ! -e "$HOME/.llama-runner-pro/versions" ]
  done
}

@test "a folder that cannot be written is told before anything is downloaded" {
  release 1.0.0
  mkdir "$BATS_TEST_TMPDIR/readonly"
  unshare -rm sh -c '
    mount -t tmpfs -o size=64k none "$1" && mount -o remount,ro "$1" || exit 99
    HOME=$1 sh "$2" --headless' - "$BATS_TEST_TMPDIR/readonly" "$SCRIPT" 2>"$BATS_TEST_TMPDIR/said" ||
    status=$?
  output=$(cat "$BATS_TEST_TMPDIR/said")
  is_code 7
  says "cannot be written to"
}

@test "a folder that programs may not run from is told" {
  release 1.0.0
  mkdir "$BATS_TEST_TMPDIR/no exec"
  unshare -rm sh -c '
    mount -t tmpfs -o noexec none "$1" || exit 99
    sh "$2" --headless --dir "$1/lrp"' - "$BATS_TEST_TMPDIR/no exec" "$SCRIPT" \
    2>"$BATS_TEST_TMPDIR/said" || status=$?
  output=$(cat "$BATS_TEST_TMPDIR/said")
  is_code 7
  says "noexec"
}

# on_disk SIZE COMMAND: $disk is a file system of that size.
on_disk() {
  mkdir -p "$BATS_TEST_TMPDIR/disk"
  status=0
  unshare -rm sh -c "mount -t tmpfs -o size=$1 none \"\$1\" || exit 99; disk=\$1; $2" - \
    "$BATS_TEST_TMPDIR/disk" >"$BATS_TEST_TMPDIR/said" 2>&1 || status=$?
  output=$(cat "$BATS_TEST_TMPDIR/said")
}

@test "a disk without room is told before anything is written" {
  export SCRIPT
  tree 1.0.0 >/dev/null
  head -c 300000 /dev/urandom \
    >"$BATS_TEST_TMPDIR/tree/llama-runner-pro-headless-1.0.0/backend/_internal/big"
  pack llama-runner-pro-headless-1.0.0 "$(archive 1.0.0)"
  on_disk 600k 'sh "$SCRIPT" --headless --version 1.0.0 --dir "$disk/lrp"; code=$?
    ls -A "$disk"; exit $code'
  is_code 7
  says "MB are needed"
  [[ "$output" != *lrp* ]] || [ "$(printf '%s\n' "$output" | grep -cx lrp)" -eq 0 ]
}

@test "a disk that fills up while unpacking leaves the version before at work" {
  export SCRIPT RELEASES
  release 1.0.0
  tree 1.1.0 >/dev/null
  # Packs small, unpacks to more than there is.
  head -c 8000000 /dev/zero \
    >"$BATS_TEST_TMPDIR/tree/llama-runner-pro-headless-1.1.0/backend/_internal/big"
  pack llama-runner-pro-headless-1.1.0 "$(archive 1.1.0)"
  on_disk 2m '
    sh "$SCRIPT" --headless --quiet --version 1.0.0 --dir "$disk/lrp" --no-modify-path || exit 98
    sh "$SCRIPT" --headless --version 1.1.0 --dir "$disk/lrp" --no-modify-path; code=$?
    "$disk/lrp/bin/llama-runner-pro" version
    ls -A "$disk/lrp" "$disk/lrp/versions"
    exit $code'
  is_code 9
  says "Is the disk full?"
  says "llama-runner-pro 1.0.0"
  [[ "$output" != *.tmp* ]]
}

@test "an installation that was killed anywhere is made whole by the next one" {
  release 1.0.0
  release 1.1.0
  # The process id of the script is in the lock; each of these tools is used at another step.
  for tool in mkdir tar find ln mv chmod awk; do
    for count in 1 3; do
      rm -rf "$HOME" "$BATS_TEST_TMPDIR/uses"
      mkdir "$HOME"
      PATH=${PATH#"$BATS_TEST_TMPDIR/bin:"} install --quiet --version 1.0.0 >/dev/null
      real=$(PATH=${PATH#"$BATS_TEST_TMPDIR/bin:"} command -v "$tool")
      rm -rf "$BATS_TEST_TMPDIR/bin"
      fake "$tool" <<FAKE
#!/bin/sh
echo x >>"$BATS_TEST_TMPDIR/uses"
if [ -L "$ROOT_DIR/.lock" ] && [ "\$(wc -l <"$BATS_TEST_TMPDIR/uses")" -ge $((count * 2)) ]; then
  # Nothing of it goes on beside the next one.
  exec kill -9 "\$(/usr/bin/readlink "$ROOT_DIR/.lock")"
fi
exec $real "\$@"
FAKE
      bash -c 'sh "$1" --headless --quiet' - "$SCRIPT" >/dev/null 2>&1 || true
      rm -rf "$BATS_TEST_TMPDIR/bin"
      version=$("$PROGRAM" version)
      [ "$version" = "llama-runner-pro 1.0.0" ] || [ "$version" = "llama-runner-pro 1.1.0" ]
      run install
      is_code 0
      [ "$("$PROGRAM" version)" = "llama-runner-pro 1.1.0" ]
      [ -z "$(find "$ROOT_DIR" -name '.tmp*' -o -name '*.new.*' -o -name .lock)" ]
      [ "$(grep -c '>>> llama-runner-pro' "$HOME/.profile")" -eq 1 ]
    done
  done
}

@test "a fresh installation that was killed early is made whole, or can be uninstalled" {
  release 1.0.0
  for tool in mkdir tar mv awk; do
    rm -rf "$HOME"
    mkdir "$HOME"
    real=$(command -v "$tool")
    fake "$tool" <<FAKE
#!/bin/sh
[ ! -L "$ROOT_DIR/.lock" ] || exec kill -9 "\$(readlink "$ROOT_DIR/.lock")"
exec $real "\$@"
FAKE
    bash -c 'sh "$1" --headless --quiet' - "$SCRIPT" >/dev/null 2>&1 || true
    rm -rf "$BATS_TEST_TMPDIR/bin"
    run install
    is_code 0
    install --uninstall --quiet
    [ -z "$(find "$HOME" -mindepth 1)" ]
  done
}

@test "of two at once, one installs and the other says so" {
  release 1.0.0
  real=$(command -v tar)
  fake tar <<FAKE
#!/bin/sh
until [ -e "$BATS_TEST_TMPDIR/told" ]; do sleep 0.1; done
exec $real "\$@"
FAKE
  sh "$SCRIPT" --headless --quiet >/dev/null 3>&- &
  first=$!
  eventually test -L "$ROOT_DIR/.lock"
  run install
  touch "$BATS_TEST_TMPDIR/told"
  is_code 8
  says "at work"
  wait "$first"
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
}

@test "root is refused unless it is asked for" {
  release 1.0.0
  fake id <<<'echo 0'
  unset LRP_ALLOW_ROOT
  run install
  is_code 2
  says "--allow-root"
  [ ! -e "$ROOT_DIR" ]
  run install --allow-root
  is_code 0
}

@test "folders that must never be deleted are refused, however they are written" {
  mkdir -p "$HOME/a"
  ln -s "$HOME" "$BATS_TEST_TMPDIR/link"
  for bad in / // "" "$HOME" "$HOME/" "$BATS_TEST_TMPDIR" "$HOME/a/.." "$BATS_TEST_TMPDIR/link" \
    /tmp/.. "$HOME/./"; do
    run install --dir "$bad" --version 1.0.0
    is_code 2
    run install --uninstall --dir "$bad"
    is_code 2
    LRP_HOME=$bad run install --uninstall
    is_code 2
  done
  HOME='' run install
  is_code 2
}

@test "a folder with foreign things under our names is refused; data that are there stay" {
  release 1.0.0
  mkdir -p "$HOME/other/bin"
  run install --dir "$HOME/other"
  is_code 2
  says "bin"
  mkdir -p "$ROOT_DIR/logs"
  echo '{}' >"$ROOT_DIR/config.json"
  run install
  is_code 0
  echo x >"$HOME/file"
  run install --dir "$HOME/file"
  is_code 7
}

@test "the home under another name is refused as well" {
  mkdir "$BATS_TEST_TMPDIR/same"
  export SCRIPT
  run unshare -rm sh -c 'mount --bind "$HOME" "$1" && sh "$SCRIPT" --headless --dir "$1"' - \
    "$BATS_TEST_TMPDIR/same"
  is_code 2
  says "holds your home folder"
}

@test "a home that belongs to somebody else is told" {
  release 1.0.0
  # Nobody but root can give a folder away; for everybody else /usr is such a home.
  chown 12345 "$HOME" 2>/dev/null || HOME=/usr
  run install --dry-run --dir "$BATS_TEST_TMPDIR/own"
  is_code 0
  says "belongs to somebody else"
}
