
# --- PATH ------------------------------------------------------------------------------------------

BLOCK_BEGIN='# >>> llama-runner-pro'
BLOCK_END='# <<< llama-runner-pro <<<'

write_env() {
  bin_word=$(quoted "$LRP_HOME/bin")
  put "$LRP_HOME/env" <<WORDS
# Puts llama-runner-pro on the PATH, once.
case ":\${PATH}:" in
  *:$bin_word:*) ;;
  *) export PATH=$bin_word:"\${PATH}" ;;
esac
WORDS
  fish_word=$(printf '%s' "$LRP_HOME/bin" | sed -e 's/\\/\\\\/g' -e "s/'/\\\\'/g")
  put "$LRP_HOME/env.fish" <<WORDS
# Puts llama-runner-pro on the PATH, once.
if not contains -- '$fish_word' \$PATH
    set -gx PATH '$fish_word' \$PATH
end
WORDS
}

env_line() {
  env_word=$(quoted "$LRP_HOME/env")
  printf 'if [ -f %s ]; then . %s; fi\n' "$env_word" "$env_word"
}

rc_files() {
  printf '%s\n' "$HOME/.profile" "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.bashrc" \
    "$HOME/.zshrc"
  [ -z "${ZDOTDIR:-}" ] || [ "$ZDOTDIR" = "$HOME" ] || printf '%s\n' "$ZDOTDIR/.zshrc"
}

# When nothing would read our line, the file that this user's shell reads is begun. Terminals of
# macOS begin login shells, which do not read .bashrc.
begin_rc_file() {
  rc_begun=''
  case ${SHELL:-} in
    */zsh) rc_begun=${ZDOTDIR:-$HOME}/.zshrc ;;
    */fish) ;;
    *)
      rc_begun=$HOME/.profile
      for rc in "$HOME/.bash_profile" "$HOME/.bash_login"; do
        [ ! -e "$rc" ] || rc_begun=''
      done
      [ ! -e "$HOME/.bashrc" ] || [ "$OS_WORD" = macos ] || rc_begun=''
      ;;
  esac
  # A link that leads nowhere is somebody's plan for that file.
  [ -n "$rc_begun" ] && [ ! -e "$rc_begun" ] && [ ! -L "$rc_begun" ] || return 0
  (: >"$rc_begun") 2>/dev/null && remember "$rc_begun"
}

fish_folder() {
  printf '%s\n' "${XDG_CONFIG_HOME:-$HOME/.config}/fish"
}

add_to_path() {
  write_env
  [ "$LRP_NO_MODIFY_PATH" = 0 ] || return 0
  if [ -n "${GITHUB_PATH:-}" ] && ! grep -qxF "$LRP_HOME/bin" "$GITHUB_PATH" 2>/dev/null; then
    printf '%s\n' "$LRP_HOME/bin" >>"$GITHUB_PATH"
  fi
  begin_rc_file
  rc_files | while IFS= read -r rc; do
    [ ! -f "$rc" ] || add_block "$rc" ||
      warn "Could not add to $rc; for new terminals to find llama-runner-pro, add: $(env_line)"
  done
  case ${SHELL:-} in
    */fish) fish_is_here=1 ;;
    *) [ -d "$(fish_folder)" ] && fish_is_here=1 || fish_is_here=0 ;;
  esac
  if [ "$fish_is_here" = 1 ] && make_folder "$(fish_folder)/conf.d"; then
    fish_word=$(printf '%s' "$LRP_HOME/env.fish" | sed -e 's/\\/\\\\/g' -e "s/'/\\\\'/g")
    printf "test -f '%s'; and source '%s'\n" "$fish_word" "$fish_word" |
      put "$(fish_folder)/conf.d/llama-runner-pro.fish"
  fi
}

has_our_block() {
  grep -qF "$BLOCK_BEGIN" "$1" && grep -qxF "$(env_line)" "$1" && grep -qxF "$BLOCK_END" "$1"
}

# Appended, so that a link stays a link and the file keeps its owner and mode.
add_block() {
  if has_our_block "$1"; then
    return 0
  fi
  ! grep -qF "$BLOCK_BEGIN" "$1" || remove_block "$1" || return 1
  # A last line without an end gets one, and the mark says so: removing takes it away again.
  mark=$BLOCK_BEGIN joint=''
  if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then
    mark="$BLOCK_BEGIN (joined)" joint='
'
  fi
  (printf '%s%s >>>\n%s\n%s\n' "$joint" "$mark" "$(env_line)" "$BLOCK_END" >>"$1") 2>/dev/null &&
    has_our_block "$1"
}

# A block without an end was changed by hand: only its mark and our line go, never what follows.
remove_block() {
  [ -w "$1" ] || return 1
  awk -v begin="$BLOCK_BEGIN" -v end="$BLOCK_END" '
    function out(line) { if (begun) printf "\n"; printf "%s", line; begun = 1; joined = 0 }
    { lines[NR] = $0 }
    END {
      for (at = 1; at <= NR; at++) {
        if (index(lines[at], begin) != 1) { out(lines[at]); continue }
        joined = lines[at] ~ /\(joined\)/
        for (last = at + 1; last <= NR && lines[last] != end; last++)
          if (index(lines[last], begin) == 1) last = NR
        if (last <= NR) at = last
        else if (lines[at + 1] ~ /^if \[ -f .*\/env.* \]; then \. .*\/env.*; fi$/) at++
      }
      if (begun && !joined) printf "\n"
    }' "$1" >"$WORK/rc" && replace_text "$1"
}

# replace_text FILE: by what is in the workplace; whole or not at all, with its owner and mode. What
# a link leads to may be anywhere, so that is written in place.
replace_text() {
  if [ -L "$1" ]; then
    cat "$WORK/rc" >"$1"
    return
  fi
  beside=$1.llama-runner-pro
  cp -p "$1" "$beside" && cat "$WORK/rc" >"$beside" && mv -f "$beside" "$1" && return 0
  rm -f "$beside"
  return 1
}

warn_if_shadowed() {
  found=$(command -v llama-runner-pro 2>/dev/null) || found=''
  case $found in
    '' | "$LAUNCHER") ;;
    *) warn "In this shell, llama-runner-pro is $found, not $LAUNCHER." ;;
  esac
}

# --- Programs in bin -----------------------------------------------------------------------------

# The real folder of the version is started: a running one never meets files of the next.
write_launchers() {
  put "$LAUNCHER" 755 <<WORDS || die "$EXIT_SPACE" "Could not write $LAUNCHER." "Is /tmp full?"
#!/bin/sh
# LlamaRunner Pro: runs the version that is current.
version=\$(cd -P $(quoted "$LRP_HOME/current") && pwd -P) || exit 69
for folder in backend resources/backend $APP/Contents/Resources/backend; do
  if [ -x "\$version/\$folder/$BACKEND" ]; then
    exec "\$version/\$folder/$BACKEND" "\$@"
  fi
done
echo "LlamaRunner Pro is incomplete; install it again." >&2
exit 69
WORDS
  [ "$VARIANT" = desktop ] && [ "$OS_WORD" = linux ] || return 0
  if sandbox_works; then
    put "$LRP_HOME/bin/llama-runner-pro-app" 755 <<WORDS
#!/bin/sh
# LlamaRunner Pro in its window.
version=\$(cd -P $(quoted "$LRP_HOME/current") && pwd -P) || exit 69
exec "\$version/llama-runner-pro" "\$@"
WORDS
  else
    explain_sandbox
    put "$LRP_HOME/bin/llama-runner-pro-app" 755 <<WORDS
#!/bin/sh
# LlamaRunner Pro in the browser: this system does not allow the window's sandbox.
program=$(quoted "$LAUNCHER")
"\$program" status >/dev/null 2>&1
if [ \$? -eq 69 ]; then
  nohup "\$program" serve >/dev/null 2>&1 </dev/null &
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    "\$program" status >/dev/null 2>&1
    [ \$? -eq 69 ] || break
    sleep 1
  done
fi
exec "\$program" open
WORDS
  fi
}

# Chromium's sandbox needs user namespaces; Ubuntu 23.10 and later keep them from unknown programs.
# Their unshare may do what other programs may not, so what the kernel says comes first.
sandbox_works() {
  limit=/proc/sys/kernel/apparmor_restrict_unprivileged_userns
  if [ "$(cat "$limit" 2>/dev/null)" = 1 ]; then
    grep -qsF "\"$LRP_HOME/versions/*/llama-runner-pro\"" /etc/apparmor.d/llama-runner-pro
    return
  fi
  have unshare || return 0
  unshare -Ur true 2>/dev/null
}

explain_sandbox() {
  warn "This system does not let programs in home folders use a sandbox, so the window cannot" \
    "start. LlamaRunner Pro will open in your browser instead."
  say "For the window, install the .deb package, or allow it with these commands and then run"
  say "this installer again:"
  say "  sudo tee /etc/apparmor.d/llama-runner-pro <<'PROFILE'"
  say "abi <abi/4.0>,"
  say "include <tunables/global>"
  say "profile llama-runner-pro \"$LRP_HOME/versions/*/llama-runner-pro\" flags=(unconfined) {"
  say "  userns,"
  say "}"
  say "PROFILE"
  say "  sudo apparmor_parser -r /etc/apparmor.d/llama-runner-pro"
}
