#!/usr/bin/env bats
# What is not proven to be the release is never unpacked, and never run.
load common

nothing_was_done() {
  [ ! -e "$ROOT_DIR" ]
  [ -z "$(find "$HOME" -mindepth 1)" ]
}

@test "a corrupt archive is refused and nothing is left" {
  release 1.0.0
  printf x | dd of="$RELEASES/$(archive 1.0.0)" bs=1 seek=200 conv=notrunc 2>/dev/null
  run install
  is_code 6
  says "is not what was released"
  nothing_was_done
}

@test "a corrupt archive leaves the version before as it was" {
  release 1.0.0
  install
  snapshot "$ROOT_DIR" >"$BATS_TEST_TMPDIR/first"
  release 1.1.0
  echo broken >"$RELEASES/$(archive 1.1.0)"
  run install
  is_code 6
  snapshot "$ROOT_DIR" | diff "$BATS_TEST_TMPDIR/first" -
}

@test "an archive cut short with a matching sum does not unpack" {
  release 1.0.0
  truncate -s -100 "$RELEASES/$(archive 1.0.0)"
  sum "$(archive 1.0.0)"
  run install
  is_code 9
  nothing_was_done
}

@test "sums that are missing, empty, wrong, doubled or no sums are refused" {
  release 1.0.0
  good=$(cat "$RELEASES/SHA256SUMS")
  rm "$RELEASES/SHA256SUMS"
  run install
  is_code 6
  for bad in "" "0000  $(archive 1.0.0)" "$good
$good" "$(echo "$good" | sed 's/^./g/')" "$(echo "$good" | sed 's/tar.gz/tar.gz.old/')" \
    "  $(archive 1.0.0)"; do
    printf '%s\n' "$bad" >"$RELEASES/SHA256SUMS"
    run install
    is_code 6
    nothing_was_done
  done
}

@test "sums in capitals and with the mark of binary files are read" {
  release 1.0.0
  tr 'a-f' 'A-F' <"$RELEASES/SHA256SUMS" | sed 's/.*  \(.*\)/&/; s/  / */' >"$RELEASES/new"
  sed "s/\*.*/*$(archive 1.0.0)/" "$RELEASES/new" >"$RELEASES/SHA256SUMS"
  run install
  is_code 0
}

@test "skipping verification says so loudly, even when told to be quiet" {
  release 1.0.0
  rm "$RELEASES/SHA256SUMS"
  LRP_INSECURE_SKIP_VERIFY=1 run install --quiet
  is_code 0
  says "WARNING"
}

@test "the sum is also taken by shasum and by openssl; without any tool it ends" {
  release 1.0.0
  without sha256sum
  run /bin/sh "$SCRIPT" --headless
  is_code 4
  says sha256sum
  real=$(PATH=/usr/bin:/bin command -v sha256sum)
  printf '#!/bin/sh\n[ "$1 $2" = "-a 256" ] && exec %s\n' "$real" >"$PATH/shasum"
  chmod +x "$PATH/shasum"
  run /bin/sh "$SCRIPT" --headless
  is_code 0
  rm "$PATH/shasum"
  ln -s /usr/bin/openssl "$PATH/openssl"
  run /bin/sh "$SCRIPT" --headless --force
  is_code 0
}

@test "a signature is checked with minisign: good, wrong, and demanded but absent" {
  release 1.0.0
  minisign -GWf -p "$BATS_TEST_TMPDIR/key.pub" -s "$BATS_TEST_TMPDIR/key" >/dev/null
  key=$(tail -n 1 "$BATS_TEST_TMPDIR/key.pub")
  LRP_PUBLIC_KEY=$key LRP_REQUIRE_SIGNATURE=1 run install
  is_code 6
  minisign -Sm "$RELEASES/SHA256SUMS" -s "$BATS_TEST_TMPDIR/key" >/dev/null
  LRP_REQUIRE_SIGNATURE=1 run install
  is_code 6
  LRP_PUBLIC_KEY=$key LRP_REQUIRE_SIGNATURE=1 run install
  is_code 0
  echo "# changed" >>"$RELEASES/SHA256SUMS"
  LRP_PUBLIC_KEY=$key run install --force
  is_code 6
}

# hostile LISTING-MAKER: an archive made by Python, for tar itself would not make such.
hostile() {
  tree 1.0.0 >/dev/null
  python3 - "$BATS_TEST_TMPDIR" "$RELEASES/$(archive 1.0.0)" "$1" <<'PYTHON'
import io, sys, tarfile
folder, target, kind = sys.argv[1:]
top = "llama-runner-pro-headless-1.0.0"

def add(name, type_=tarfile.REGTYPE, link=""):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname, entry.mode = type_, link, 0o755
    entry.size = 4 if type_ == tarfile.REGTYPE else 0
    archive.addfile(entry, io.BytesIO(b"evil"))

with tarfile.open(target, "w:gz") as archive:
    archive.add(f"{folder}/tree/{top}", top)
    if kind == "parent": add(f"{top}/../../../../evil")
    if kind == "absolute": add(f"{folder}/evil")
    if kind == "second": add("other/evil")
    if kind == "outlink": add(f"{top}/out", tarfile.SYMTYPE, "../../../..")
    if kind == "abslink": add(f"{top}/out", tarfile.SYMTYPE, "/etc/passwd")
    if kind == "sneaky": add(f"{top}/backend/out", tarfile.SYMTYPE, "_internal/../../../x")
    if kind == "through":
        add(f"{top}/out", tarfile.SYMTYPE, folder)
        add(f"{top}/out/evil")
    if kind == "inner":
        add(f"{top}/out", tarfile.SYMTYPE, "backend")
        add(f"{top}/out/evil")
    if kind == "hardlink": add(f"{top}/out", tarfile.LNKTYPE, "/etc/passwd")
    if kind == "fifo": add(f"{top}/out", tarfile.FIFOTYPE)
    if kind == "toplink":
        add("other", tarfile.SYMTYPE, folder)
PYTHON
  sum "$(archive 1.0.0)"
  echo 1.0.0 >"$RELEASES/latest.txt"
}

@test "an archive that would write or lead outside is refused, whatever the trick" {
  for kind in parent absolute second outlink abslink sneaky through inner hardlink fifo toplink; do
    hostile "$kind"
    run install
    is_code 9 || { echo "kind: $kind"; return 1; }
    says "cannot be trusted"
    nothing_was_done
    [ -z "$(find "$BATS_TEST_TMPDIR" -name evil)" ]
  done
}

@test "the same archive without a trick, and with a hard link inside, is taken" {
  hostile none
  install
  tree 1.0.1 >/dev/null
  ln "$BATS_TEST_TMPDIR/tree/llama-runner-pro-headless-1.0.1/backend/_internal/real.so.1" \
    "$BATS_TEST_TMPDIR/tree/llama-runner-pro-headless-1.0.1/backend/_internal/twin.so"
  pack llama-runner-pro-headless-1.0.1 "$(archive 1.0.1)"
  run install --version 1.0.1
  is_code 0
}

@test "an archive without the program, or of the other variant, is refused" {
  mkdir -p "$BATS_TEST_TMPDIR/tree/empty/backend"
  pack empty "$(archive 1.0.0)"
  run install --version 1.0.0
  is_code 9
  pack "$(tree 1.0.0 desktop)" "$(archive 1.0.0)"
  run install --version 1.0.0
  is_code 9
  nothing_was_done
}

@test "a script that was cut off anywhere does nothing" {
  release 1.0.0
  size=$(wc -c <"$SCRIPT")
  for tenth in 0 1 2 3 4 5 6 7 8 9; do
    head -c $((size * tenth / 10)) "$SCRIPT" >"$BATS_TEST_TMPDIR/cut"
    for shell in bash dash; do
      LRP_HEADLESS=1 $shell "$BATS_TEST_TMPDIR/cut" 2>/dev/null || true
      nothing_was_done
    done
  done
  for missing in 2 3 5 8 9 10 12 15 20 25 30; do
    head -c $((size - missing)) "$SCRIPT" >"$BATS_TEST_TMPDIR/cut"
    LRP_HEADLESS=1 bash "$BATS_TEST_TMPDIR/cut" 2>/dev/null || true
    nothing_was_done
  done
}

@test "versions that would be paths or commands are refused" {
  for bad in ../../etc 1.0 '1.0.0/..' '1.0.0;id' '$(id)' '1.0.0 ' '1.0.0
2.0.0' v1.0.0 1.0.0-a/b; do
    run install --version "$bad"
    is_code 2
  done
  echo '../../1.0.0' >"$RELEASES/latest.txt"
  run install
  is_code 6
  nothing_was_done
}

@test "without encryption only this computer may be the source" {
  for bad in http://example.org/x http://127.0.0.1.example.org http://127.0.0.1@example.org/ \
    http://user:127.0.0.1@example.org http://localhost.example.org:80/ ftp://127.0.0.1/ \
    http://example.org/127.0.0.1 relative/folder; do
    run install --base-url "$bad"
    is_code 2 || { echo "$bad"; return 1; }
  done
  nothing_was_done
}
