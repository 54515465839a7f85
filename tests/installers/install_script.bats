#!/usr/bin/env bats
# The script itself: what every shell makes of it.
load common

@test "install.sh and install.bat are what their parts make" {
  run python3 "$REPOSITORY/build-scripts/build_installers.py" --check
  is_code 0
}

@test "a release knows where it is, and only addresses that no shell reads otherwise" {
  run python3 "$REPOSITORY/build-scripts/build_installers.py" --out "$BATS_TEST_TMPDIR/out" \
    --base-url https://example.org/releases
  is_code 0
  unset LRP_BASE_URL
  run sh "$BATS_TEST_TMPDIR/out/install.sh" --print-config
  says "base_url=https://example.org/releases"
  for bad in "https://example.org/'; id; '" 'https://example.org/%25' http://example.org; do
    run python3 "$REPOSITORY/build-scripts/build_installers.py" --out "$BATS_TEST_TMPDIR/bad" \
      --base-url "$bad"
    is_code 2
  done
}

@test "every shell reads install.sh, and shellcheck has nothing to say about it" {
  bash -n "$SCRIPT"
  dash -n "$SCRIPT"
  busybox sh -n "$SCRIPT"
  zsh --emulate sh -n "$SCRIPT"
  shellcheck -S style "$SCRIPT"
}

@test "install.sh uses nothing that bash 3.2 does not have" {
  # Words, not code: a comment in shell files, and a line of an AppArmor profile.
  code=$(grep -v "^BLOCK_END=\|^  say " "$SCRIPT")
  run grep -nE 'mapfile|readarray|declare|local |(^|[^[])\[\[ |\$\{[a-zA-Z_]+(,,|\^\^|@)|&>|\|&|<<<|=\(' \
    <<<"$code"
  is_code 1
}
