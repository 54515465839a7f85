#!/bin/sh
# Stands in for the frozen program: what install.sh asks of it, and nothing else.
# VERSION, and FAULT for what is broken about it, are filled in when a release is made.
version='@VERSION@'
fault='@FAULT@'
data=${LLAMA_RUNNER_PRO_HOME:-$HOME/.llama-runner-pro}

running() {
  pid=$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "$data/run/sidecar.json" 2>/dev/null)
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}

# noted WORDS...: how it was started, for --as-before.
noted() {
  printf 'cd %s\n' "'$(pwd | sed "s/'/'\\\\''/g")'"
  printf 'export CUDA_VISIBLE_DEVICES=%s\nset --' "'${CUDA_VISIBLE_DEVICES-}'"
  for word; do
    printf " '%s'" "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"
  done
}

serve() {
  trial=no
  for word; do
    [ "$word" = --data-dir ] && trial=yes
  done
  [ "$fault" = serve ] && exit 78
  # SIGNAL-FAULT: what waits for this gets the signal first.
  case $trial$fault in
    no*-*)
      kill "-${fault%%-*}" "$(readlink "$data/.lock")" 2>/dev/null
      fault=${fault#*-}
      ;;
  esac
  # Broken only by what is in the data folder, which a trial run cannot see.
  [ "$fault" = data ] && [ "$trial" = no ] && exit 78
  [ "$trial" = yes ] && data=$2
  mkdir -p "$data/run"
  running && exit 69
  if [ "$*" = --as-before ]; then
    set --
    [ ! -r "$data/run/start.json" ] || eval "$(cat "$data/run/start.json")"
  fi
  noted "$@" >"$data/run/start.json"
  [ "$fault" != slow ] || [ "$trial" = yes ] || sleep 3
  printf '%s %s\n' "$version" "$*" >>"$data/run/served"
  printf '%s\n' "${LC_ALL-none}" >"$data/run/locale"
  printf '%s\n' "${CUDA_VISIBLE_DEVICES-none}" >"$data/run/cards"
  # Whoever sees this finds all the rest.
  printf '{"pid": %s, "host": "127.0.0.1", "port": 1, "instance": "x"}' $$ >"$data/run/making"
  trap 'rm -f "$data/run/sidecar.json"; exit 0' TERM INT
  /bin/mv "$data/run/making" "$data/run/sidecar.json"
  echo "LlamaRunner Pro $version is running: http://127.0.0.1:1/"
  # When a test is over, its folder goes, and with it whoever was not stopped.
  while [ -d "$data" ]; do sleep 0.1; done
}

command=$1
shift
case $command in
  version)
    [ "$fault" = version ] && version=9.9.9
    echo "llama-runner-pro $version"
    ;;
  serve) serve "$@" ;;
  status) running || exit 69 ;;
  stop)
    [ "${1:-}" = --data-dir ] && data=$2
    [ "$fault" = stop ] && { echo "It does not stop." >&2; exit 1; }
    running || exit 0
    kill "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    ;;
  *) exit 64 ;;
esac
