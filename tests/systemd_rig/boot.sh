#!/bin/sh
# Runs in mount, cgroup and process namespaces of its own, and becomes the machine that is booted: the root file system
# under an overlay whose writes go to memory. Everything made here ends with the namespaces.
#   boot.sh FOLDER USER UID TARGET [nspawn option ...]
set -eu
folder=$1 user=$2 uid=$3 target=$4
shift 4

# nspawn wants a pure cgroup2, seen from the group that this process was put into, and a /run of its own.
if mountpoint -q /sys/fs/cgroup; then umount -R /sys/fs/cgroup; fi
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run

mount -t tmpfs tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
root=$folder/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$root"

# A machine that never was: no identity, no journal, nobody lingering, no timers, and no services but those asked for.
rm -rf "$root/etc/machine-id" "$root/var/log/journal" "$root/var/lib/systemd/linger"
touch "$root/etc/machine-id"
mkdir -p "$root/var/log/journal" # so that the journal lasts, and each person has one of their own
units=$root/etc/systemd/system
ln -sfn /dev/null "$units/timers.target"
ln -sfn /dev/null "$units/console-getty.service"
cat >"$units/$target" <<END
[Unit]
Requires=basic.target dbus.service systemd-logind.service user@$uid.service
After=basic.target dbus.service systemd-logind.service user@$uid.service
AllowIsolate=yes
END
chroot "$root" useradd --create-home --uid "$uid" --shell /bin/sh "$user"

# The folders shown to the machine may lie below one that is closed to others, such as /root.
for option in "$@"; do
  path=${option#--bind-ro=}
  while [ "$path" != / ]; do
    path=$(dirname "$path")
    if [ -d "$root$path" ]; then chmod o+x "$root$path"; fi
  done
done

exec systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --private-network --link-journal=no \
  --console=pipe --machine=crm-rig "$@" --boot "systemd.unit=$target"
