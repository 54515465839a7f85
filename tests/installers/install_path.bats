#!/usr/bin/env bats
# The PATH: once in each shell's file, and out of it again to the letter.
load common

@test "bash, zsh and fish find the program after a login" {
  mkdir -p "$HOME/.config/fish"
  echo 'umask 022' >"$HOME/.profile"
  echo 'alias x=y' >"$HOME/.zshrc"
  release 1.0.0
  install
  [ "$(bash -lc 'command -v llama-runner-pro')" = "$PROGRAM" ]
  [ "$(zsh -ic 'command -v llama-runner-pro' 2>/dev/null)" = "$PROGRAM" ]
  [ "$(fish -lc 'command -v llama-runner-pro')" = "$PROGRAM" ]
  [ "$(bash -lc '. ~/.profile; . ~/.profile; echo $PATH' | tr : '\n' | grep -c llama-runner)" -eq 1 ]
}

@test "each file gets one block however often one installs, and only files that are there do" {
  echo a >"$HOME/.bashrc"
  echo b >"$HOME/.profile"
  release 1.0.0
  install
  install
  release 1.1.0
  install
  [ "$(grep -c '>>> llama-runner-pro' "$HOME/.bashrc")" -eq 1 ]
  [ "$(grep -c '>>> llama-runner-pro' "$HOME/.profile")" -eq 1 ]
  [ ! -e "$HOME/.zshrc" ]
  [ ! -e "$HOME/.bash_profile" ]
}

@test "uninstalling gives every file back to the letter, whatever its last line was" {
  printf 'with an end\n' >"$HOME/.profile"
  printf 'without an end' >"$HOME/.bashrc"
  printf '' >"$HOME/.bash_profile"
  printf '\n\n' >"$HOME/.zshrc"
  chmod 600 "$HOME/.bashrc"
  snapshot "$HOME" >"$BATS_TEST_TMPDIR/before"
  release 1.0.0
  install
  [ "$(grep -lr 'llama-runner-pro' "$HOME"/.[bpz]* | wc -l)" -eq 4 ]
  install --uninstall
  snapshot "$HOME" | diff "$BATS_TEST_TMPDIR/before" -
}

@test "what people add below the block stays" {
  printf 'first' >"$HOME/.bashrc"
  release 1.0.0
  install
  echo 'last' >>"$HOME/.bashrc"
  install --uninstall
  [ "$(cat "$HOME/.bashrc")" = "first
last" ]
}

@test "a shell file that is a link stays a link" {
  mkdir "$HOME/dotfiles"
  echo mine >"$HOME/dotfiles/bashrc"
  ln -s dotfiles/bashrc "$HOME/.bashrc"
  ln -s .bashrc "$HOME/.bash_profile"
  release 1.0.0
  install
  [ "$(grep -c '>>> llama-runner-pro' "$HOME/dotfiles/bashrc")" -eq 1 ]
  install --uninstall
  [ "$(readlink "$HOME/.bashrc")" = dotfiles/bashrc ]
  [ "$(cat "$HOME/dotfiles/bashrc")" = mine ]
}

@test "where no shell file is, the one of the user's shell is begun and goes again" {
  release 1.0.0
  install
  [ -f "$HOME/.profile" ]
  install --uninstall
  [ ! -e "$HOME/.profile" ]
  export SHELL=/usr/bin/zsh ZDOTDIR="$HOME/zsh"
  mkdir "$ZDOTDIR"
  install
  [ -f "$HOME/zsh/.zshrc" ]
  [ ! -e "$HOME/.profile" ]
  install --uninstall
  [ "$(find "$HOME" -mindepth 1)" = "$HOME/zsh" ]
  export SHELL=/usr/bin/fish
  install
  [ -f "$HOME/.config/fish/conf.d/llama-runner-pro.fish" ]
  install --uninstall
  [ "$(find "$HOME" -mindepth 1)" = "$HOME/zsh" ]
}

@test "--no-modify-path leaves shell files alone, also at the next upgrade" {
  echo mine >"$HOME/.bashrc"
  release 1.0.0
  install --no-modify-path
  release 1.1.0
  install
  [ "$(cat "$HOME/.bashrc")" = mine ]
  . "$ROOT_DIR/env"
  [ "$(command -v llama-runner-pro)" = "$PROGRAM" ]
}

@test "a build service learns the folder through GITHUB_PATH, once" {
  export GITHUB_PATH="$BATS_TEST_TMPDIR/github_path"
  release 1.0.0
  install
  install
  [ "$(cat "$GITHUB_PATH")" = "$ROOT_DIR/bin" ]
}

@test "another program of that name that comes first is told" {
  release 1.0.0
  fake llama-runner-pro <<<'echo other'
  run install
  is_code 0
  says "In this shell, llama-runner-pro is $BATS_TEST_TMPDIR/bin/llama-runner-pro"
}

@test "installing into another folder moves the block there" {
  echo mine >"$HOME/.bashrc"
  release 1.0.0
  install
  install --dir "$HOME/second"
  [ "$(grep -c '>>> llama-runner-pro' "$HOME/.bashrc")" -eq 1 ]
  [ "$(bash -c '. "$HOME/.bashrc"; command -v llama-runner-pro')" = "$HOME/second/bin/llama-runner-pro" ]
  install --uninstall
  [ "$(grep -c '>>> llama-runner-pro' "$HOME/.bashrc")" -eq 1 ]
  install --uninstall --dir "$HOME/second"
  [ "$(cat "$HOME/.bashrc")" = mine ]
}

@test "a block whose end was deleted by hand costs nothing of what follows it" {
  echo before >"$HOME/.bashrc"
  release 1.0.0
  install
  sed -i '/<<< llama-runner-pro/d' "$HOME/.bashrc"
  printf 'mine\nalias a=b\n' >>"$HOME/.bashrc"
  install
  [ "$(grep -c '>>> llama-runner-pro' "$HOME/.bashrc")" -eq 1 ]
  install --uninstall
  [ "$(cat "$HOME/.bashrc")" = "before
mine
alias a=b" ]
}

@test "a link that leads nowhere is left as it is" {
  ln -s dotfiles/zshrc "$HOME/.zshrc"
  mkdir "$HOME/dotfiles"
  export SHELL=/usr/bin/zsh
  release 1.0.0
  install
  [ ! -e "$HOME/dotfiles/zshrc" ]
  install --uninstall
  [ "$(readlink "$HOME/.zshrc")" = dotfiles/zshrc ]
}

@test "a shell file that cannot be written is told, with the line to add, and left alone" {
  echo mine >"$HOME/.bashrc"
  release 1.0.0
  export SCRIPT
  run unshare -rm sh -c '
    mount --bind "$HOME/.bashrc" "$HOME/.bashrc" && mount -o remount,bind,ro "$HOME/.bashrc" &&
      sh "$SCRIPT" --headless'
  is_code 0
  says "Could not add to $HOME/.bashrc"
  says "$ROOT_DIR/env"
  [ "$(cat "$HOME/.bashrc")" = mine ]
}

@test "a folder whose name the PATH cannot hold is refused" {
  release 1.0.0
  run install --dir "$HOME/a:b"
  is_code 2
  says "colon"
}

@test "on macOS, whose terminals do not read .bashrc, a .profile is begun beside it" {
  mac
  TARGET=macos-arm64
  echo mine >"$HOME/.bashrc"
  release 1.0.0
  install
  [ -f "$HOME/.profile" ]
  install --uninstall
  [ ! -e "$HOME/.profile" ]
  [ "$(cat "$HOME/.bashrc")" = mine ]
}

@test "letters of other encodings stop no tool, and what is started keeps its own language" {
  printf 'alias gr\374n=x\n' >"$HOME/.bashrc"
  release 1.0.0
  # Those of macOS end with an error at such a letter, unless they are told to read bytes.
  for tool in sed awk tr; do
    real=$(command -v "$tool")
    fake "$tool" <<FAKE
#!/bin/sh
[ "\$LC_ALL" = C ] || { echo "illegal byte sequence" >&2; exit 1; }
exec $real "\$@"
FAKE
  done
  LC_ALL=C.UTF-8 run install --start
  is_code 0
  rm -rf "$BATS_TEST_TMPDIR/bin"
  hash -r
  [ "$(cat "$ROOT_DIR/run/locale")" = C.UTF-8 ]
  release 1.1.0
  (unset LC_ALL && install)
  until_serving
  [ "$(cat "$ROOT_DIR/run/locale")" = none ]
}
