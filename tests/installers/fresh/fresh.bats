#!/usr/bin/env bats
# The real program, from a real web server, to a computer that nobody has used yet: a Debian of
# its own with its own processes and network, so that its ports are free whatever runs here.

REPOSITORY=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
ADDRESS=http://127.0.0.1:8000

setup_file() {
  export ROOT="$BATS_FILE_TMPDIR/root" RELEASES="$BATS_FILE_TMPDIR/releases" HOLDER
  cache=${LLAMA_RUNNER_PRO_CACHE:-$HOME/.cache/llama-runner-pro}
  cp -a "$cache/fresh-bookworm" "$ROOT"
  mkdir -p "$RELEASES"
  chroot "$ROOT" useradd --create-home --shell /bin/bash user
  python3 "$REPOSITORY/build-scripts/build_installers.py" --out "$RELEASES"
  ROOT=$ROOT setsid unshare --net --mount --pid --fork --kill-child bash -c '
    mount -t proc proc "$ROOT/proc" && ip link set lo up && exec sleep infinity
  ' </dev/null >/dev/null 2>&1 3>&- &
  echo $! >"$BATS_FILE_TMPDIR/holder"
  for _ in $(seq 100); do
    HOLDER=$(pgrep -P "$(cat "$BATS_FILE_TMPDIR/holder")" || true)
    [ -z "$HOLDER" ] || ! nsenter -t "$HOLDER" -m test -e "$ROOT/proc/1" || break
    sleep 0.1
  done
  nsenter -t "$HOLDER" -n python3 -m http.server --bind 127.0.0.1 --directory "$RELEASES" 8000 \
    </dev/null >"$BATS_FILE_TMPDIR/server.log" 2>&1 3>&- &
  echo $! >"$BATS_FILE_TMPDIR/server"
  for _ in $(seq 100); do
    ! nsenter -t "$HOLDER" -n curl -fsS "$ADDRESS/" >/dev/null 2>&1 || break
    sleep 0.1
  done
  publish 0.1.0
}

# The first process of its world ends, and with it every other one there.
teardown_file() {
  kill "$(cat "$BATS_FILE_TMPDIR/server")" || true
  kill -9 "$HOLDER" || true
  wait || true
}

# publish VERSION [BROKEN]: the frozen program under that version, as a release.
publish() {
  local top=llama-runner-pro-headless-$1 name archive info
  archive=$top-linux-$(case $(uname -m) in x86_64) echo x64 ;; *) echo arm64 ;; esac).tar.gz
  name=$BATS_FILE_TMPDIR/$top
  mkdir "$name"
  cp -a "$REPOSITORY/dist/backend" "$name/backend"
  info=$(find "$name/backend/_internal" -path '*llama_runner_pro-*.dist-info/METADATA')
  sed -i "s/^Version: .*/Version: $1/" "$info"
  [ -z "${2:-}" ] || find "$name/backend/_internal" -name 'libpython*' -delete
  tar -C "$BATS_FILE_TMPDIR" -c "$top" | gzip -1 >"$RELEASES/$archive"
  (cd "$RELEASES" && sha256sum "$archive" >>SHA256SUMS)
  echo "$1" >"$RELEASES/latest.txt"
}

# there COMMAND: by the new computer's user, with the environment of a login.
there() {
  nsenter -t "$HOLDER" -n -m -p chroot --userspec=user:user "$ROOT" env -i HOME=/home/user \
    USER=user SHELL=/bin/bash LANG=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin bash -lc "cd; $1" 3>&-
}

one_command() {
  there "curl -fsSL $ADDRESS/install.sh | bash -s -- --base-url $ADDRESS --headless $1"
}

# serves VERSION: the sidecar is well, and it is that version.
serves() {
  there "curl -fsS http://127.0.0.1:8585/api/health" | grep '"status":"ok"'
  there "curl -fsS http://127.0.0.1:8585/api/version" | tee /dev/stderr | grep "\"version\":\"$1\""
}

home_files() {
  (cd "$ROOT/home/user" && find . -path ./.llama-runner-pro -prune -o -type f -exec sha256sum {} \;) |
    sort
}

@test "one command on a fresh computer leads to a running dashboard" {
  home_files >"$BATS_FILE_TMPDIR/before"
  run one_command --start </dev/null
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  serves 0.1.0
  there "curl -fsS http://127.0.0.1:8585/" | grep -i '<div id="app"'
  there "llama-runner-pro version" | grep -x "llama-runner-pro 0.1.0"
}

@test "an upgrade with one command puts the new version in the place of the running one" {
  before=$(there "cat .llama-runner-pro/run/sidecar.json")
  publish 0.2.0
  run one_command ""
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  serves 0.2.0
  [ "$before" != "$(there "cat .llama-runner-pro/run/sidecar.json")" ]
}

@test "a version that does not run here is refused, and the one before goes on serving" {
  publish 0.3.0 broken
  serving=$(there "cat .llama-runner-pro/run/sidecar.json")
  run one_command ""
  [ "$status" -eq 9 ] || { echo "$output"; false; }
  serves 0.2.0
  [ "$serving" = "$(there "cat .llama-runner-pro/run/sidecar.json")" ]
}

@test "going back by hand brings the first version back, and it serves" {
  run there "curl -fsSL $ADDRESS/install.sh | bash -s -- --rollback"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  serves 0.1.0
}

@test "uninstalling stops it and leaves the home as it was, but for the data" {
  run there "curl -fsSL $ADDRESS/install.sh | bash -s -- --uninstall"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  run serves 0.1.0
  [ "$status" -ne 0 ]
  run there "ls /proc | grep '^[0-9]' | while read -r one; do cat /proc/\$one/cmdline; done"
  [[ "$output" != *llama-runner-pro* ]]
  home_files | diff "$BATS_FILE_TMPDIR/before" -
  run ls "$ROOT/home/user/.llama-runner-pro"
  for name in versions current bin env env.fish receipt.json previous.txt; do
    [ ! -e "$ROOT/home/user/.llama-runner-pro/$name" ]
  done
}
