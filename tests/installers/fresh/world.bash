# A computer that nobody has used yet, with its own processes and network, and a web server that
# has the frozen program as a release. WORLD is an empty folder; REPOSITORY is this checkout.

ADDRESS=http://127.0.0.1:8000
source "$REPOSITORY/tests/installers/assertions.bash"

# Its first process is a child of the one outside, which is $1; sets HOLDER.
has_begun() {
  HOLDER=$(pgrep -P "$1") && nsenter -t "$HOLDER" -m test -e "$ROOT/proc/1"
}

# answers URL: somebody serves that there.
answers() {
  nsenter -t "$HOLDER" -n curl -fsS "$1" >/dev/null 2>&1
}

begin_world() {
  export ROOT="$WORLD/root" RELEASES="$WORLD/releases" HOLDER
  local cache=${LLAMA_RUNNER_PRO_CACHE:-$HOME/.cache/llama-runner-pro}
  cp -a "$cache/fresh-bookworm" "$ROOT"
  mkdir -p "$RELEASES"
  chroot "$ROOT" useradd --create-home --shell /bin/bash user
  python3 "$REPOSITORY/build-scripts/build_installers.py" --out "$RELEASES"
  setsid unshare --net --mount --pid --fork --kill-child bash -c '
    mount -t proc proc "$ROOT/proc" && ip link set lo up && exec sleep infinity
  ' </dev/null >/dev/null 2>&1 3>&- &
  eventually has_begun "$!"
  nsenter -t "$HOLDER" -n python3 -m http.server --bind 127.0.0.1 --directory "$RELEASES" 8000 \
    </dev/null >"$WORLD/server.log" 2>&1 3>&- &
  echo $! >"$WORLD/server"
  eventually answers "$ADDRESS/"
  publish 0.1.0
}

# The first process of that world ends, and with it every other one there.
end_world() {
  kill "$(cat "$WORLD/server")" || true
  kill -9 "$HOLDER" || true
  wait || true
}

# publish VERSION [BROKEN]: the frozen program under that version, as a release.
publish() {
  local top=llama-runner-pro-headless-$1 name archive info
  archive=$top-linux-$(case $(uname -m) in x86_64) echo x64 ;; *) echo arm64 ;; esac).tar.gz
  name=$WORLD/$top
  mkdir "$name"
  cp -a "$REPOSITORY/dist/backend" "$name/backend"
  info=$(find "$name/backend/_internal" -path '*llama_runner_pro-*.dist-info/METADATA')
  sed -i "s/^Version: .*/Version: $1/" "$info"
  [ -z "${2:-}" ] || find "$name/backend/_internal" -name 'libpython*' -delete
  tar -C "$WORLD" -c "$top" | gzip -1 >"$RELEASES/$archive"
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
