#!/usr/bin/env bats
# From a real web server on this computer: curl, wget, proxies, and answers that are no release.
load common

setup() {
  common_setup
  python3 "$BATS_TEST_DIRNAME/web_server.py" "$RELEASES" "$BATS_TEST_TMPDIR/requests" \
    >"$BATS_TEST_TMPDIR/port" 3>&- &
  SERVER=$!
  eventually test -s "$BATS_TEST_TMPDIR/port"
  export LRP_BASE_URL="http://127.0.0.1:$(cat "$BATS_TEST_TMPDIR/port")"
}

teardown() {
  kill "$SERVER" || true
  [ ! -e "$HOME/../encrypted-server" ] || kill "$(cat "$HOME/../encrypted-server")" || true
  common_teardown
}

@test "it installs from a web server with curl" {
  release 1.0.0
  run install
  is_code 0
  grep -c "GET /$(archive 1.0.0)" "$BATS_TEST_TMPDIR/requests"
}

@test "it installs with wget where there is no curl" {
  release 1.0.0
  without curl
  run /bin/sh "$SCRIPT" --headless
  is_code 0
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
}

@test "with neither it says so, and names --offline" {
  release 1.0.0
  without curl wget
  run /bin/sh "$SCRIPT" --headless
  is_code 4
  says "--offline"
}

@test "a page that says 404 is not taken for an archive" {
  release 1.0.0
  run install --version 1.2.3
  is_code 5
  says "1.2.3"
  without curl
  run /bin/sh "$SCRIPT" --headless --version 1.2.3
  is_code 5
  [ ! -e "$ROOT_DIR" ]
}

@test "a proxy of the environment is used, by curl and by wget" {
  release 1.0.0
  port=${LRP_BASE_URL##*:}
  # Only through the proxy is there a server at this address; loopback is taken by name here.
  export http_proxy="http://127.0.0.1:$port"
  export LRP_BASE_URL=http://localhost:1
  run install
  is_code 0
  grep -c "GET http://localhost:1/latest.txt" "$BATS_TEST_TMPDIR/requests"
  without curl
  run /bin/sh "$SCRIPT" --headless --force
  is_code 0
}

@test "a download that breaks off goes on where it was" {
  tree 1.0.0 >/dev/null
  head -c 400000 /dev/urandom \
    >"$BATS_TEST_TMPDIR/tree/llama-runner-pro-headless-1.0.0/backend/_internal/big"
  pack llama-runner-pro-headless-1.0.0 "$(archive 1.0.0)"
  echo "$(archive 1.0.0)" >"$RELEASES/break-off-once"
  run install --version 1.0.0
  is_code 0
  grep "GET /$(archive 1.0.0) bytes=[1-9]" "$BATS_TEST_TMPDIR/requests"
}

@test "a redirection to an address without encryption is not followed" {
  release 1.0.0
  echo "/$(archive 1.0.0) http://127.0.0.1:${LRP_BASE_URL##*:}/other" >"$RELEASES/redirections"
  cp "$RELEASES/$(archive 1.0.0)" "$RELEASES/other"
  run install
  is_code 5
  [ ! -e "$ROOT_DIR" ]
}

@test "a project on GitHub keeps each release in a folder of its own" {
  fake curl <<'FAKE'
#!/bin/sh
for word; do :; done
echo "$word" >>"$HOME/../asked"
case $word in *latest.txt) echo 1.0.0 ;; *) exit 22 ;; esac
FAKE
  run install --base-url https://github.com/some/project/releases/
  is_code 5
  [ "$(sort -u "$HOME/../asked")" = \
"https://github.com/some/project/releases/download/v1.0.0/$(archive 1.0.0)
https://github.com/some/project/releases/latest/download/latest.txt" ]
}

@test "everything but the archive on this computer is asked for with encryption only" {
  fake curl <<'FAKE'
#!/bin/sh
echo "$*" >>"$HOME/../asked"
exit 22
FAKE
  run install --base-url https://example.org --version 1.0.0
  is_code 5
  grep -F -- '--proto =https --proto-redir =https --tlsv1.2 -fL' "$HOME/../asked"
}

# encrypted: the same folder by https as well, with a certificate that curl and wget trust here.
encrypted() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$HOME/../key" -out "$HOME/../cert" 2>/dev/null
  cat "$HOME/../key" "$HOME/../cert" >"$HOME/../pem"
  export CURL_CA_BUNDLE="$HOME/../cert"
  echo "ca_certificate = $(cd "$HOME/.." && pwd)/cert" >"$HOME/.wgetrc"
  python3 "$BATS_TEST_DIRNAME/web_server.py" "$RELEASES" "$HOME/../encrypted-requests" \
    "$HOME/../pem" >"$HOME/../encrypted-port" 3>&- &
  echo $! >"$HOME/../encrypted-server"
  eventually test -s "$HOME/../encrypted-port"
  PLAIN=$LRP_BASE_URL
  export LRP_BASE_URL="https://localhost:$(cat "$HOME/../encrypted-port")"
}

@test "over https both curl and wget install, and follow no redirection out of it" {
  release 1.0.0
  encrypted
  run install
  is_code 0
  release 1.1.0
  echo "/$(archive 1.1.0) $PLAIN/other" >"$RELEASES/redirections"
  cp "$RELEASES/$(archive 1.1.0)" "$RELEASES/other"
  run install
  is_code 5
  without curl
  run /bin/sh "$SCRIPT" --headless
  is_code 5
  refute grep -F /other "$BATS_TEST_TMPDIR/requests"
  rm "$RELEASES/redirections"
  run /bin/sh "$SCRIPT" --headless
  is_code 0
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.1.0" ]
}

@test "brackets and braces in an address are just that" {
  release 1.0.0
  mkdir "$RELEASES/a[1-2]{b,c}"
  mv "$RELEASES"/*.* "$RELEASES/SHA256SUMS" "$RELEASES/a[1-2]{b,c}"
  run install --base-url "$LRP_BASE_URL/a[1-2]{b,c}"
  is_code 0
}
