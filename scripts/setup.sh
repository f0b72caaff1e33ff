# shellcheck shell=sh
# Set-up functions for scripts/start and scripts/test, which source this file with the project's root as the current directory.

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Adds a Node and an npm that can install the packages to PATH: the machine's own if they are new enough, otherwise the pinned
# versions of scripts/node, which any npm can install. The service itself always runs on the Node of its packages.
require_node() {
  if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    install_system_package 'Node.js with npm' apt-get=npm dnf=nodejs-npm apk=npm brew=node
  fi
  # On an old Node, npm before version 11 skips native packages whose `engines` require a newer Node.
  if node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 17) ? 0 : 1)' &&
    [ "$(npm --version | cut -d . -f 1)" -ge 11 ]; then
    return
  fi
  own=scripts/node
  wanted="$(cksum <$own/package-lock.json) $(uname -sm)"
  if [ "$(cat $own/node_modules/.longtake-setup 2>/dev/null)" != "$wanted" ]; then
    say "Installing Node.js and npm for this project (this machine has Node $(node --version), npm $(npm --version)) ..."
    if ! output=$(npm ci --prefix "$own" --no-audit --no-fund 2>&1); then
      printf '%s\n' "$output" >&2
      fail 'Node.js and npm could not be installed. See the output of npm above.'
    fi
    "$own/node_modules/.bin/node" --version >/dev/null || fail 'npm installed a Node.js that does not run on this machine.'
    printf '%s\n' "$wanted" >"$own/node_modules/.longtake-setup"
  fi
  PATH=$PWD/$own/node_modules/.bin:$PATH
  export PATH
}

# Runs `npm ci` unless the packages of this lock file are installed. The stamp in node_modules is written last, and npm removes
# node_modules first, so an interrupted install is repeated. The stamp contains the machine's type, because some packages are binaries.
install_npm_packages() {
  stamp=node_modules/.longtake-setup
  wanted="$(cksum <package-lock.json) $(uname -sm)"
  if [ -x node_modules/.bin/node ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  say 'Installing npm packages (this takes a minute) ...'
  # Quiet, because npm's warnings about an old Node do not matter here. Node itself is a development package, which
  # NODE_ENV=production would skip.
  if ! output=$(npm ci --include=dev --no-audit --no-fund 2>&1); then
    printf '%s\n' "$output" >&2
    fail 'The npm packages could not be installed. See the output of npm above.'
  fi
  case $(node_modules/.bin/node --version 2>/dev/null) in
    v24.*) ;;
    *)
      printf '%s\n' "$output" >&2
      fail 'npm did not install Node 24 to node_modules/.bin. Turn off its setting ignore-scripts for this project.'
      ;;
  esac
  printf '%s\n' "$wanted" >"$stamp"
}

# Builds the web page unless it was built from the same sources. The stamp is written last, so an interrupted build is repeated.
build_page() {
  stamp=dist/page.stamp
  # -H: the files may be links, as in a directory that shares them.
  wanted=$(find -H src/page vite.config.ts package-lock.json -type f -exec cksum {} + | LC_ALL=C sort | cksum)
  if [ -f dist/page/index.html ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  say 'Building the web page ...'
  if ! output=$(node_modules/.bin/node node_modules/vite/bin/vite.js build 2>&1); then
    printf '%s\n' "$output" >&2
    fail 'The web page could not be built. See the output of vite above.'
  fi
  printf '%s\n' "$wanted" >"$stamp"
}

# install_system_package WHAT MANAGER=PACKAGE...
# Installs a package with the first of these package managers that exists on this machine. WHAT is its name in messages.
install_system_package() {
  what=$1
  shift
  for choice in "$@"; do
    manager=${choice%%=*}
    package=${choice#*=}
    command -v "$manager" >/dev/null 2>&1 || continue
    if [ "$manager" = brew ]; then
      # Homebrew does not run as root.
      root=''
    elif [ "$(id -u)" -eq 0 ]; then
      root=''
    elif ! command -v sudo >/dev/null 2>&1; then
      fail "Longtake needs $what. Install it as root ($manager install $package), then run this again."
    elif [ -t 0 ]; then
      root='sudo'
    else
      # There is no terminal for a password.
      root='sudo -n'
    fi
    say "Installing $what with $manager ..."
    # $root is a command with its options, or nothing.
    # shellcheck disable=SC2086
    if ! output=$(
      case $manager in
        apt-get)
          # An unreachable package source is ignored here. If the package is missing, the installation below fails.
          [ -n "${package_lists_updated-}" ] || $root apt-get -q update || :
          $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
            install --no-install-recommends "$package"
          ;;
        dnf) $root dnf -y install "$package" ;;
        apk) $root apk add "$package" ;;
        brew) brew install "$package" ;;
      esac 2>&1
    ); then
      printf '%s\n' "$output" >&2
      fail "$what could not be installed. See the output of $manager above, install it yourself, then run this again."
    fi
    package_lists_updated=yes
    return
  done
  fail "Longtake needs $what, and this script supports no package manager of this machine. Install it, then run this again."
}

require_ffmpeg() {
  if ! command -v ffmpeg >/dev/null 2>&1 || ! command -v ffprobe >/dev/null 2>&1; then
    install_system_package ffmpeg apt-get=ffmpeg dnf=ffmpeg-free apk=ffmpeg brew=ffmpeg
  fi
}
