#!/usr/bin/env bats
# Menu entry, icons, the window's sandbox, and the start at login.
load common

entry() {
  echo "$HOME/.local/share/applications/llama-runner-pro.desktop"
}

@test "the window gets a valid menu entry and icons, and they go again" {
  release 1.0.0 desktop
  snapshot "$HOME" >"$BATS_TEST_TMPDIR/before"
  sh "$SCRIPT"
  desktop-file-validate "$(entry)"
  grep -x "Exec=\"$ROOT_DIR/bin/llama-runner-pro-app\" %U" "$(entry)"
  grep -x 'StartupWMClass=llama-runner-pro' "$(entry)"
  [ "$(cat "$HOME/.local/share/icons/hicolor/48x48/apps/llama-runner-pro.png")" = png ]
  [ "$("$ROOT_DIR/bin/llama-runner-pro-app" --hidden)" = "window of 1.0.0 --hidden" ]
  release 1.1.0 desktop
  sh "$SCRIPT"
  [ "$("$ROOT_DIR/bin/llama-runner-pro-app" x)" = "window of 1.1.0 x" ]
  sh "$SCRIPT" --uninstall
  snapshot "$HOME" | diff "$BATS_TEST_TMPDIR/before" -
}

@test "a menu entry for a folder with signs in its name stays valid" {
  export HOME="$BATS_TEST_TMPDIR/100% of \$a\"b"
  mkdir -p "$HOME"
  release 1.0.0 desktop
  sh "$SCRIPT"
  desktop-file-validate "$(entry)"
  grep -F '100%% of' "$(entry)"
}

@test "foreign entries in the same folders stay" {
  release 1.0.0 desktop
  mkdir -p "$HOME/.local/share/applications"
  echo other >"$HOME/.local/share/applications/other.desktop"
  sh "$SCRIPT"
  sh "$SCRIPT" --uninstall
  [ "$(cat "$HOME/.local/share/applications/other.desktop")" = other ]
  [ ! -e "$HOME/.local/share/icons" ]
}

@test "--no-desktop and --headless make no entry, also at the next upgrade" {
  release 1.0.0 desktop
  sh "$SCRIPT" --no-desktop
  [ ! -e "$HOME/.local" ]
  release 1.1.0 desktop
  sh "$SCRIPT"
  [ ! -e "$HOME/.local" ]
}

@test "without a sandbox the browser is used, and the way to allow it is told" {
  release 1.0.0 desktop
  fake unshare <<<'exit 1'
  run sh "$SCRIPT"
  is_code 0
  says "apparmor_parser"
  says "$ROOT_DIR/versions/*/llama-runner-pro"
  grep -F 'in the browser' "$ROOT_DIR/bin/llama-runner-pro-app"
  refute grep -rn 'no-sandbox' "$ROOT_DIR/bin"
  fake unshare <<<'exit 0'
  sh "$SCRIPT"
  [ "$("$ROOT_DIR/bin/llama-runner-pro-app")" = "window of 1.0.0 " ]
}

@test "--service writes a unit for the user, enables it, and takes both away again" {
  release 1.0.0
  without systemctl loginctl
  snapshot "$HOME" >"$BATS_TEST_TMPDIR/before"
  run /bin/sh "$SCRIPT" --headless --service
  is_code 0
  says "next login"
  unit=$HOME/.config/systemd/user/llama-runner-pro.service
  grep -x "ExecStart=\"$PROGRAM\" serve" "$unit"
  grep -x 'Restart=on-failure' "$unit"
  grep -x 'RestartPreventExitStatus=64 69 73 77 78' "$unit"
  [ -f "$HOME/.config/systemd/user/default.target.wants/llama-runner-pro.service" ]
  /bin/sh "$SCRIPT" --uninstall
  PATH=/usr/bin:/bin
  snapshot "$HOME" | diff "$BATS_TEST_TMPDIR/before" -
}

@test "with systemd the service is started, and an upgrade goes through it" {
  release 1.0.0
  fake systemctl <<'FAKE'
#!/bin/sh
echo "$*" >>"$HOME/../systemctl"
case $2 in
  start) (setsid "$HOME/.llama-runner-pro/bin/llama-runner-pro" serve >/dev/null 2>&1 </dev/null 3>&- &) ;;
  is-active) "$HOME/.llama-runner-pro/bin/llama-runner-pro" status ;;
  stop) "$HOME/.llama-runner-pro/bin/llama-runner-pro" stop ;;
esac
FAKE
  install --service
  for _ in $(seq 100); do [ ! -r "$ROOT_DIR/run/sidecar.json" ] || break; sleep 0.05; done
  release 1.1.0
  install
  [ "$(tail -n 1 "$ROOT_DIR/run/served")" = "1.1.0 " ]
  [ "$(cat "$HOME/../systemctl")" = "--user daemon-reload
--user start llama-runner-pro.service
--user is-active --quiet llama-runner-pro.service
--user stop llama-runner-pro.service
--user start llama-runner-pro.service" ]
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

@test "on macOS --service writes a launch agent and hands it to launchd" {
  mac
  TARGET=macos-arm64
  release 1.0.0
  run install --service
  is_code 0
  agent=$HOME/Library/LaunchAgents/pro.llamarunner.sidecar.plist
  python3 - "$agent" "$PROGRAM" <<'PYTHON'
import plistlib, sys
with open(sys.argv[1], "rb") as source:
    agent = plistlib.load(source)
assert agent["ProgramArguments"] == [sys.argv[2], "serve"], agent
assert agent["Label"] == "pro.llamarunner.sidecar" and agent["RunAtLoad"], agent
assert agent["KeepAlive"] == {"SuccessfulExit": False}, agent
PYTHON
  grep -F "bootstrap gui/$(id -u) $agent" "$HOME/../launchctl"
  install --uninstall
  [ ! -e "$HOME/Library" ]
}

@test "on macOS the window is an app in Applications, out of a zip file that keeps links" {
  mac
  backend="$BATS_TEST_TMPDIR/app/LlamaRunner Pro.app/Contents/Resources/backend"
  mkdir -p "$backend"
  sed 's/@VERSION@/1.0.0/; s/@FAULT@//' "$BATS_TEST_DIRNAME/fake_backend.sh" \
    >"$backend/llama-runner-pro-backend"
  chmod +x "$backend/llama-runner-pro-backend"
  ln -s llama-runner-pro-backend "$backend/link"
  (cd "$BATS_TEST_TMPDIR/app" && zip -qry "$RELEASES/llama-runner-pro-1.0.0-macos-arm64.zip" .)
  sum llama-runner-pro-1.0.0-macos-arm64.zip
  run sh "$SCRIPT" --version 1.0.0
  is_code 0
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
  [ -x "$HOME/Applications/LlamaRunner Pro.app/Contents/Resources/backend/link" ]
  sh "$SCRIPT" --uninstall
  [ ! -e "$HOME/Applications" ]
  ln -s ../../../../../../../etc "$backend/out"
  (cd "$BATS_TEST_TMPDIR/app" && zip -qry "$RELEASES/llama-runner-pro-1.0.0-macos-arm64.zip" .)
  sum llama-runner-pro-1.0.0-macos-arm64.zip
  run sh "$SCRIPT" --version 1.0.0
  is_code 9
  says "leads out of it"
}
