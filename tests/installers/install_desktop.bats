#!/usr/bin/env bats
# Menu entry, icons, and the window's sandbox.
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

@test "on macOS the window is an app in Applications, out of a zip file that keeps links" {
  mac
  backend="$BATS_TEST_TMPDIR/app/LlamaRunnerPro.app/Contents/Resources/backend"
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
  [ -x "$HOME/Applications/LlamaRunnerPro.app/Contents/Resources/backend/link" ]
  sh "$SCRIPT" --uninstall
  [ ! -e "$HOME/Applications" ]
  ln -s ../../../../../../../etc "$backend/out"
  (cd "$BATS_TEST_TMPDIR/app" && zip -qry "$RELEASES/llama-runner-pro-1.0.0-macos-arm64.zip" .)
  sum llama-runner-pro-1.0.0-macos-arm64.zip
  run sh "$SCRIPT" --version 1.0.0
  is_code 9
  says "leads out of it"
}

@test "where the kernel keeps user namespaces from programs, what unshare may do proves nothing" {
  [ "$(id -u)" = 0 ] || UNSHARE=-r
  release 1.0.0 desktop
  export SCRIPT ROOT_DIR
  unshare ${UNSHARE:-} -m sh -c '
    mount -t tmpfs none /proc/sys/kernel || exit 99
    echo 1 >/proc/sys/kernel/apparmor_restrict_unprivileged_userns
    sh "$SCRIPT"' 2>"$BATS_TEST_TMPDIR/said"
  grep -F apparmor_parser "$BATS_TEST_TMPDIR/said"
  grep -F 'in the browser' "$ROOT_DIR/bin/llama-runner-pro-app"
}
