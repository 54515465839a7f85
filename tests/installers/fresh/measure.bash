#!/usr/bin/env bash
# Prints how long one command takes to a running dashboard, and how long an upgrade is without
# service: `measure.bash FOLDER`, an empty one.
set -euo pipefail
REPOSITORY=$(cd "$(dirname "$0")/../../.." && pwd)
WORLD=$1
export WORLD
# shellcheck source=tests/installers/fresh/world.bash
source "$REPOSITORY/tests/installers/fresh/world.bash"
trap end_world EXIT

# Asks for the health every 10 ms until it is ended, and tells the longest time without an answer.
watch_health() {
  exec nsenter -t "$HOLDER" -n python3 -c '
import http.client, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
last, longest = time.monotonic(), 0.0
try:
    while True:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", 8585, timeout=2)
            asked.request("GET", "/api/health")
            if asked.getresponse().status == 200:
                now = time.monotonic()
                longest, last = max(longest, now - last), now
        except OSError:
            pass
        time.sleep(0.01)
finally:
    print(f"gap_s={longest:.2f}")
'
}

begin_world
begun=$(date +%s.%N)
one_command --start </dev/null >/dev/null 2>&1
there "curl -fsS http://127.0.0.1:8585/api/health" >/dev/null
ended=$(date +%s.%N)
awk -v from="$begun" -v to="$ended" 'BEGIN { printf "fresh_s=%.1f\n", to - from }'
publish 0.2.0
watch_health &
watcher=$!
sleep 1
one_command "" >/dev/null 2>&1
sleep 1
kill "$watcher"
wait "$watcher"
