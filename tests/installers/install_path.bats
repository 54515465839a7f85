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
