#!/bin/sh
# Installs, upgrades, rolls back and uninstalls LlamaRunner Pro on Linux and macOS.
#
#   curl -fsSL ADDRESS/install.sh | bash
#   curl -fsSL ADDRESS/install.sh | bash -s -- --version 1.4.0
#
# Assembled from installers/sh by `npm run build:installers`: change the parts, not this file.
# Plain POSIX shell: runs under bash 3.2 and later, dash, zsh's sh and busybox. Everything is a
# function and the last lines call the first one, so a script that was cut off does nothing.
#
# "die" never returns, so "A && B || die" is what it looks like:
# shellcheck disable=SC2015
set -u

# Where releases are; stamped in when a release is made.
LRP_RELEASES=''

EXIT_USAGE=2
EXIT_PLATFORM=3
EXIT_TOOL=4
EXIT_DOWNLOAD=5
EXIT_VERIFY=6
EXIT_SPACE=7
EXIT_RUNNING=8
EXIT_UNPACK=9
EXIT_ROLLED_BACK=10
EXIT_INTERRUPTED=130

# The program is frozen on Debian 12; its Python library asks for no older C library.
GLIBC_FLOOR='2.35'
# What is assumed of an archive whose size nobody tells.
GUESS_DESKTOP_KB=150000
GUESS_HEADLESS_KB=60000
# Everything below the folder that is ours; all else in it is data.
OWN_NAMES='versions current previous.txt bin env env.fish resume.sh receipt.json'
BACKEND='llama-runner-pro-backend'
APP='LlamaRunnerPro.app'
SERVICE='llama-runner-pro.service'
AGENT='pro.llamarunner.sidecar'

usage() {
  cat <<'WORDS'
Installs LlamaRunner Pro for you alone, below ~/.llama-runner-pro; nobody needs to be root.

  install.sh [OPTIONS]

What to do (the default is to install or upgrade):
  --rollback            go back to the version before
  --uninstall           remove the program; settings, history and models stay
  --purge               with --uninstall: settings, history and logs too (asks; models stay)
  --print-config        print what would be used, and do nothing
  --help                this page

What to install:
  --version X           this version instead of the newest             LRP_VERSION
  --headless            the server without the desktop window          LRP_HEADLESS=1
  --desktop             with the window again, after --headless        LRP_HEADLESS=0
  --base-url URL        where releases are: https://, file:// or a folder; http:// only
                        for this computer                              LRP_BASE_URL
  --offline FILE        this archive; SHA256SUMS lies beside it        LRP_OFFLINE
  --force               even if this version is installed already      LRP_FORCE=1

Where and how:
  --dir FOLDER          instead of ~/.llama-runner-pro                 LRP_HOME
  --no-modify-path      leave shell files alone                        LRP_NO_MODIFY_PATH=1
  --no-desktop          no menu entry and icons                        LRP_NO_DESKTOP=1
  --service             start at login, kept running by the system     LRP_SERVICE=1
  --start               start it in the background now                 LRP_START=1
  --allow-root          let root install for root                      LRP_ALLOW_ROOT=1
  --yes                 take every question as answered with yes       LRP_YES=1
  --quiet               say errors only                                LRP_QUIET=1
  --dry-run             say what would be done, write nothing          LRP_DRY_RUN=1

A flag wins over its variable. LRP_REQUIRE_SIGNATURE=1 demands a minisign signature by the key
in LRP_PUBLIC_KEY; LRP_INSECURE_SKIP_VERIFY=1 installs what nobody has vouched for.

Exit codes: 0 done, 2 wrong use, 3 this system is not supported, 4 a tool is missing,
5 download, 6 verification, 7 no space or permission, 8 locked or still running,
9 unpacking or self-test, 10 rolled back to the version before, 130 interrupted.
WORDS
}

# --- Language ----------------------------------------------------------------------------------

# Tools read and sort bytes, whatever the language here: sed, tr and awk of macOS refuse letters
# that are none in theirs. What we start gets its own language back.
take_plain_locale() {
  OWN_LOCALE=${LC_ALL-} OWN_LOCALE_SET=${LC_ALL+1}
  LC_ALL=C
  export LC_ALL
}

own_locale() {
  if [ -n "$OWN_LOCALE_SET" ]; then LC_ALL=$OWN_LOCALE; else unset LC_ALL; fi
}

# --- Words -------------------------------------------------------------------------------------

choose_colours() {
  BOLD='' RED='' YELLOW='' PLAIN=''
  if [ -t 2 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    BOLD=$(printf '\033[1m') RED=$(printf '\033[31m')
    YELLOW=$(printf '\033[33m') PLAIN=$(printf '\033[0m')
  fi
}

say() {
  [ "$LRP_QUIET" = 1 ] || printf '%s\n' "$*" >&2
}

step() {
  say "$BOLD==>$PLAIN $*"
}

warn() {
  [ "$LRP_QUIET" = 1 ] || printf '%swarning:%s %s\n' "$YELLOW" "$PLAIN" "$*" >&2
}

# die CODE WHAT [LINE...]: what failed, then what was tried or what to do next.
die() {
  die_code=$1
  printf '%serror:%s %s\n' "$RED" "$PLAIN" "$2" >&2
  shift 2
  for die_line; do
    printf '       %s\n' "$die_line" >&2
  done
  exit "$die_code"
}

have() {
  command -v "$1" >/dev/null 2>&1
}

dry() {
  [ "$LRP_DRY_RUN" = 1 ]
}

nap() {
  sleep 0.1 2>/dev/null || sleep 1
}

now_s() {
  date +%s
}

# quoted WORD: as one word of shell code.
quoted() {
  printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

# backslashed WORD: for a JSON string, between its double quotes.
backslashed() {
  printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g'
}
