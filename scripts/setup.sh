# shellcheck shell=sh
# Set-up that scripts/start and scripts/test share. They source it with the project's root as the current directory.

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Puts a Node and an npm that can install the packages into PATH: the machine's own if they are new enough, else the pinned
# ones of scripts/node, which whatever npm is there installs. The service itself always runs on the Node of its packages.
require_node() {
  if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    install_system_package 'Node.js with npm' apt-get=npm dnf=nodejs-npm apk=npm brew=node
  fi
  # Before version 11, npm on an old Node leaves out native packages whose `engines` that Node does not meet.
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
      fail 'Node.js and npm could not be installed; npm says why above.'
    fi
    "$own/node_modules/.bin/node" --version >/dev/null || fail 'npm installed a Node.js that does not run on this machine.'
    printf '%s\n' "$wanted" >"$own/node_modules/.longtake-setup"
  fi
  PATH=$PWD/$own/node_modules/.bin:$PATH
  export PATH
}

# Runs `npm ci` unless the packages of this lock file are complete. The stamp is written last and lives in node_modules,
# which npm removes first: an interrupted install is repeated. It names the machine's kind, as some packages are binaries.
install_npm_packages() {
  stamp=node_modules/.longtake-setup
  wanted="$(cksum <package-lock.json) $(uname -sm)"
  if [ -x node_modules/.bin/node ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  say 'Installing npm packages (this takes a minute) ...'
  # Quiet: npm's warnings about the machine's old Node mean nothing here. Node itself is a development package,
  # which NODE_ENV=production would leave out.
  if ! output=$(npm ci --include=dev --no-audit --no-fund 2>&1); then
    printf '%s\n' "$output" >&2
    fail 'The npm packages could not be installed; npm says why above.'
  fi
  case $(node_modules/.bin/node --version 2>/dev/null) in
    v24.*) ;;
    *)
      printf '%s\n' "$output" >&2
      fail 'npm did not install Node 24 into node_modules/.bin: its setting ignore-scripts must be off for this project.'
      ;;
  esac
  printf '%s\n' "$wanted" >"$stamp"
}

# Builds the web page unless it was built from these very sources. The stamp is written last: a build that was cut off is repeated.
build_page() {
  stamp=dist/page.stamp
  wanted=$(find src/page vite.config.ts package-lock.json -type f -exec cksum {} + | LC_ALL=C sort | cksum)
  if [ -f dist/page/index.html ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  say 'Building the web page ...'
  if ! output=$(node_modules/.bin/node node_modules/vite/bin/vite.js build 2>&1); then
    printf '%s\n' "$output" >&2
    fail 'The web page could not be built; vite says why above.'
  fi
  printf '%s\n' "$wanted" >"$stamp"
}

# install_system_package WHAT MANAGER=PACKAGE...
# Installs what a program needs with the first of the managers named that this machine has; WHAT is its name for people.
install_system_package() {
  what=$1
  shift
  for choice in "$@"; do
    manager=${choice%%=*}
    package=${choice#*=}
    command -v "$manager" >/dev/null 2>&1 || continue
    if [ "$manager" = brew ]; then
      # Homebrew refuses to run as root, and needs no root.
      root=''
    elif [ "$(id -u)" -eq 0 ]; then
      root=''
    elif ! command -v sudo >/dev/null 2>&1; then
      fail "Longtake needs $what: install it as root ($manager install $package), then run this again."
    elif [ -t 0 ]; then
      root='sudo'
    else
      # Nobody is there to type a password.
      root='sudo -n'
    fi
    say "Installing $what with $manager ..."
    # $root is a command with its options, or nothing.
    # shellcheck disable=SC2086
    if ! output=$(
      case $manager in
        apt-get)
          # A package source that does not answer is no reason to give up: the install below says what is missing.
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
      fail "$what could not be installed ($manager says why above): install it yourself, then run this again."
    fi
    package_lists_updated=yes
    return
  done
  fail "Longtake needs $what, and this machine has no package manager that this script knows: install it, then run this again."
}

require_ffmpeg() {
  if ! command -v ffmpeg >/dev/null 2>&1 || ! command -v ffprobe >/dev/null 2>&1; then
    install_system_package ffmpeg apt-get=ffmpeg dnf=ffmpeg-free apk=ffmpeg brew=ffmpeg
  fi
}
