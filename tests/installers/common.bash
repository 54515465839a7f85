# What every test of install.sh starts from: a home of its own, and a folder with releases.

REPOSITORY=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
SCRIPT=$REPOSITORY/installers/install.sh
source "$REPOSITORY/tests/installers/assertions.bash"

common_setup() {
  unset XDG_DATA_HOME XDG_CONFIG_HOME ZDOTDIR GITHUB_PATH LLAMA_RUNNER_PRO_HOME NO_COLOR
  unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY
  for name in $(env | sed -n 's/^\(LRP_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
  export HOME="$BATS_TEST_TMPDIR/home" SHELL=/bin/bash TMPDIR="$BATS_TEST_TMPDIR"
  mkdir -p "$HOME"
  RELEASES=$BATS_TEST_TMPDIR/releases
  mkdir -p "$RELEASES"
  # Tests may run as root, as in containers; what that changes has a test of its own.
  export LRP_ALLOW_ROOT=1 LRP_BASE_URL="file://$RELEASES"
  ROOT_DIR=$HOME/.llama-runner-pro
  PROGRAM=$ROOT_DIR/bin/llama-runner-pro
  TARGET=linux-$(case $(uname -m) in x86_64) echo x64 ;; *) echo arm64 ;; esac)
}

# Whatever a test left running in its own home ends with it.
common_teardown() {
  [ ! -x "$PROGRAM" ] || "$PROGRAM" stop >/dev/null 2>&1 || true
  local presence pid
  for presence in "$HOME"/.llama-runner-pro/run/sidecar.json "$HOME"/data/run/sidecar.json; do
    [ -r "$presence" ] || continue
    pid=$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "$presence")
    kill "$pid" 2>/dev/null || true
  done
}

setup() { common_setup; }
teardown() { common_teardown; }

# tree VERSION [VARIANT] [FAULT]: an unpacked release below $BATS_TEST_TMPDIR/tree; prints its name.
tree() {
  local version=$1 variant=${2:-headless} fault=${3:-} top backend
  top=llama-runner-pro-$version
  [ "$variant" = desktop ] || top=llama-runner-pro-headless-$version
  rm -rf "$BATS_TEST_TMPDIR/tree/$top"
  backend=$BATS_TEST_TMPDIR/tree/$top/backend
  [ "$variant" = headless ] || backend=$BATS_TEST_TMPDIR/tree/$top/resources/backend
  mkdir -p "$backend/_internal"
  sed -e "s/@VERSION@/$version/" -e "s/@FAULT@/$fault/" \
    "$BATS_TEST_DIRNAME/fake_backend.sh" >"$backend/llama-runner-pro-backend"
  chmod +x "$backend/llama-runner-pro-backend"
  echo library >"$backend/_internal/real.so.1"
  ln -s real.so.1 "$backend/_internal/real.so"
  if [ "$variant" = desktop ]; then
    printf '#!/bin/sh\necho "window of %s $*"\n' "$version" \
      >"$BATS_TEST_TMPDIR/tree/$top/llama-runner-pro"
    chmod +x "$BATS_TEST_TMPDIR/tree/$top/llama-runner-pro"
    mkdir "$BATS_TEST_TMPDIR/tree/$top/resources/icons"
    echo png >"$BATS_TEST_TMPDIR/tree/$top/resources/icons/48x48.png"
  fi
  echo "$top"
}

# pack TOP ARCHIVE [MEMBER...]: and its line in SHA256SUMS.
pack() {
  tar -C "$BATS_TEST_TMPDIR/tree" -czPf "$RELEASES/$2" "$1" "${@:3}"
  sum "$2"
}

sum() {
  touch "$RELEASES/SHA256SUMS"
  sed -i "/ $1\$/d" "$RELEASES/SHA256SUMS"
  (cd "$RELEASES" && sha256sum "$1") >>"$RELEASES/SHA256SUMS"
}

archive() {
  if [ "${2:-headless}" = desktop ]; then echo "llama-runner-pro-$1-$TARGET.tar.gz"
  else echo "llama-runner-pro-headless-$1-$TARGET.tar.gz"; fi
}

# release VERSION [VARIANT] [FAULT]: published, and the newest from now on.
release() {
  pack "$(tree "$@")" "$(archive "$@")"
  echo "$1" >"$RELEASES/latest.txt"
}

# Whoever runs the tests in the background may ignore SIGINT, and no shell can undo that.
install() {
  env --default-signal=INT sh "$SCRIPT" --headless "$@"
}

current() {
  readlink "$ROOT_DIR/current"
}

# snapshot FOLDER: every path in it with its kind, mode and content.
snapshot() {
  (cd "$1" && find . \( -type f -printf '%p f %m ' -exec sha256sum {} \; \) -o -printf '%p %y %m %l\n') |
    LC_ALL=C sort
}

# fake NAME: a program of that name, first on the PATH; its text is stdin.
fake() {
  mkdir -p "$BATS_TEST_TMPDIR/bin"
  cat >"$BATS_TEST_TMPDIR/bin/$1"
  chmod +x "$BATS_TEST_TMPDIR/bin/$1"
  case :$PATH: in
    *":$BATS_TEST_TMPDIR/bin:"*) ;;
    *) PATH=$BATS_TEST_TMPDIR/bin:$PATH ;;
  esac
}

# only_path TOOL...: a PATH with these and what every system has, and nothing else.
without() {
  local folder=$BATS_TEST_TMPDIR/path tool program
  mkdir -p "$folder"
  for tool in sh cat tar gzip awk sed grep df mkdir mv ln readlink find tr wc chmod rm rmdir cp \
    id uname getconf date sleep sort tail dirname touch ls head kill du setsid nohup env \
    sha256sum curl wget printf ldd unshare bash tee cut; do
    case " $* " in *" $tool "*) continue ;; esac
    program=$(command -v "$tool") && case $program in /*) ln -sf "$program" "$folder/$tool" ;; esac
  done
  PATH=$folder
}

# refute COMMAND...: it must fail.
refute() {
  if "$@" >/dev/null 2>&1; then
    echo "unexpectedly true: $*"
    return 1
  fi
}

# mac: what makes this computer look like an Apple one to the script.
mac() {
  fake uname <<'FAKE'
#!/bin/sh
case $1 in -s) echo Darwin ;; -m) echo arm64 ;; esac
FAKE
  fake launchctl <<<'echo "$*" >>"$HOME/../launchctl"'
  fake ditto <<'FAKE'
#!/bin/sh
[ "$1 $2" = "-x -k" ] && exec unzip -q "$3" -d "$4"
FAKE
}

# until_serving: the sidecar of the data folder has said that it is there.
until_serving() {
  eventually test -r "${DATA:-$ROOT_DIR}/run/sidecar.json"
}

serving_pid() {
  sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "$ROOT_DIR/run/sidecar.json"
}

# started WORDS...: the installed program serves, in the background.
started() {
  (cd "$HOME" && setsid "$PROGRAM" serve "$@" >/dev/null 2>&1 3>&- </dev/null &)
  until_serving
}
