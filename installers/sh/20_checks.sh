
# --- Checks: all of them before anything is written ----------------------------------------------

find_platform() {
  os_name=$(uname -s)
  machine=$(uname -m)
  case $os_name in
    Linux) OS_WORD=linux ;;
    Darwin) OS_WORD=macos ;;
    MINGW* | MSYS* | CYGWIN*)
      die "$EXIT_PLATFORM" "This is Windows." "Use install.bat, or run this inside WSL 2."
      ;;
    *)
      die "$EXIT_PLATFORM" "There is no build for $os_name." \
        "With Python 3.11 or newer: pip install llama-runner-pro"
      ;;
  esac
  case $machine in
    x86_64 | amd64) ARCH_WORD=x64 ;;
    aarch64 | arm64) ARCH_WORD=arm64 ;;
    *)
      die "$EXIT_PLATFORM" "There is no build for $machine processors (only x64 and arm64)." \
        "With Python 3.11 or newer: pip install llama-runner-pro"
      ;;
  esac
  # Under Rosetta an Apple processor says that it is an Intel one.
  if [ "$OS_WORD" = macos ] && [ "$ARCH_WORD" = x64 ] &&
    [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then
    ARCH_WORD=arm64
  fi
}

check_platform() {
  [ "$OS_WORD" = linux ] || return 0
  if [ "$(getconf LONG_BIT 2>/dev/null)" = 32 ]; then
    die "$EXIT_PLATFORM" "The processor has 64 bits, but this system's programs have 32." \
      "Install a 64-bit system; there is no 32-bit build."
  fi
  # WSL 1 says -Microsoft; WSL 2 says -microsoft-standard-WSL2.
  case $(uname -r) in
    *-Microsoft)
      die "$EXIT_PLATFORM" "WSL 1 lacks what model servers need." \
        "Turn this distribution into WSL 2, in PowerShell: wsl --set-version NAME 2"
      ;;
  esac
  check_libc
}

check_libc() {
  libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || libc=''
  case $libc in
    glibc\ *)
      libc=${libc#glibc }
      at_least "$libc" "$GLIBC_FLOOR" ||
        die "$EXIT_PLATFORM" "This system has glibc $libc; the build needs $GLIBC_FLOOR or newer." \
          "Use Docker, or with Python 3.11 or newer: pip install llama-runner-pro"
      return
      ;;
  esac
  libc=$(ldd --version 2>&1 | sed -n 1p)
  case $libc in
    *musl*)
      die "$EXIT_PLATFORM" "This system uses musl (Alpine and others); the build needs glibc." \
        "Use Docker, or with Python 3.11 or newer: pip install llama-runner-pro"
      ;;
  esac
  warn "Could not tell which C library this system has; going on."
}

# at_least A B: whether version A is B or newer, by their first two numbers.
at_least() {
  printf '%s %s\n' "$1" "$2" | awk '{
    split($1, a, "."); split($2, b, ".")
    exit !(a[1] + 0 > b[1] + 0 || (a[1] + 0 == b[1] + 0 && a[2] + 0 >= b[2] + 0))
  }'
}

check_tools() {
  missing=''
  for tool in tar gzip awk sed grep df mkdir mv ln readlink find tr wc; do
    have "$tool" || missing="$missing $tool"
  done
  if [ "$OS_WORD" = macos ] && [ "$VARIANT" = desktop ]; then
    have ditto || missing="$missing ditto"
    have unzip || missing="$missing unzip"
  fi
  [ -z "$missing" ] || die "$EXIT_TOOL" "Missing tools:$missing." "Install them, then try again."
  [ "$SOURCE" != net ] || choose_fetcher
  [ "$LRP_INSECURE_SKIP_VERIFY" = 1 ] || have sha256sum || have shasum || have openssl ||
    die "$EXIT_TOOL" "No tool can check the download (sha256sum, shasum or openssl)." \
      "Install one of them, then try again."
}

check_user() {
  [ "$(id -u)" != 0 ] || [ "$LRP_ALLOW_ROOT" = 1 ] ||
    die "$EXIT_USAGE" "You are root. LlamaRunner Pro belongs to one user and needs no root." \
      "Run this as yourself, without sudo; in a container or on purpose: --allow-root"
  # Every shell this is for knows -O.
  # shellcheck disable=SC3067
  [ -O "$HOME" ] || ! [ -d "$HOME" ] ||
    warn "$HOME belongs to somebody else than $(id -un), who will own what is put there." \
      "With sudo, \"sudo -H\" takes the home of the other user."
}

nearest_folder() {
  nearest=$1
  while [ ! -d "$nearest" ]; do
    nearest=${nearest%/*}
    [ -n "$nearest" ] || nearest=/
  done
  printf '%s\n' "$nearest"
}

# A folder that is there already must be ours, or hold nothing under our names.
check_folder() {
  if [ -e "$LRP_HOME" ] && [ ! -d "$LRP_HOME" ]; then
    die "$EXIT_SPACE" "$LRP_HOME is a file." "Move it away, or choose another folder with --dir."
  fi
  if [ ! -f "$RECEIPT" ]; then
    for name in $OWN_NAMES; do
      if [ -e "$LRP_HOME/$name" ] || [ -L "$LRP_HOME/$name" ]; then
        die "$EXIT_USAGE" "$LRP_HOME holds '$name', which this installer did not put there." \
          "Choose another folder with --dir, or move that away."
      fi
    done
  fi
  existing=$(nearest_folder "$LRP_HOME")
  [ -w "$existing" ] && [ -x "$existing" ] ||
    die "$EXIT_SPACE" "$existing cannot be written to." \
      "Make it writable, or choose another folder with --dir."
  check_noexec "$existing"
}

check_noexec() {
  [ -r /proc/self/mounts ] || return 0
  mounted_at=$(df -P "$1" 2>/dev/null | awk 'NR == 2 { print substr($0, index($0, "% ") + 2) }')
  options=$(awk -v at="$mounted_at" '{
    gsub(/\\040/, " ", $2); if ($2 == at) found = $4
  } END { print found }' /proc/self/mounts)
  case ,$options, in
    *,noexec,*)
      die "$EXIT_SPACE" "Programs may not be run from $mounted_at (mounted noexec)." \
        "Choose a folder elsewhere with --dir."
      ;;
  esac
}

# Three times the archive: itself, what is in it, and room to breathe.
check_space() {
  archive_kb=$(archive_size_kb) || exit "$EXIT_DOWNLOAD"
  if [ -z "$archive_kb" ]; then
    archive_kb=$GUESS_DESKTOP_KB
    [ "$VARIANT" = desktop ] || archive_kb=$GUESS_HEADLESS_KB
  fi
  needed_kb=$((archive_kb * 3))
  free_kb=$(df -Pk "$(nearest_folder "$LRP_HOME")" | awk 'NR == 2 { print $4 }')
  case $free_kb in
    '' | *[!0-9]*)
      warn "Could not tell how much space is free in $LRP_HOME; going on."
      return
      ;;
  esac
  [ "$free_kb" -ge "$needed_kb" ] ||
    die "$EXIT_SPACE" "$LRP_HOME: $((needed_kb / 1024 + 1)) MB are needed," \
      "$((free_kb / 1024)) MB are free. Make room, or choose another disk with --dir."
}
