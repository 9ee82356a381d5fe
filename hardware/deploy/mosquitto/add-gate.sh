#!/bin/sh
# Lets a gate in at this broker: a user, a password, and the right to publish below its own topics only. For sites without a center: edgegate-center gate add --out
# does the same.
#   add-gate.sh SITE GATE [DIRECTORY]    prints the password, which goes into the gate's broker.passwordFile
# DIRECTORY holds edgegate.acl and edgegate.passwd; /etc/mosquitto/edgegate when left out.
set -eu
[ $# -ge 2 ] || { echo "add-gate.sh SITE GATE [DIRECTORY]" >&2; exit 2; }
site=$1 gate=$2 directory=${3:-/etc/mosquitto/edgegate}
for name in "$site" "$gate"; do
    case $name in
    '' | *[!a-z0-9-]*) echo "\"$name\": a name is of lower-case letters, digits and hyphens" >&2; exit 2 ;;
    # These stand in the place of a gate in topics of the whole site.
    occupancy | registers) echo "\"$name\" cannot be a gate's name" >&2; exit 2 ;;
    esac
done
user=$site.$gate # no name holds a dot, so no two gates share a user

password=$(openssl rand -base64 24)
[ -e "$directory/edgegate.passwd" ] || (umask 027 && : >"$directory/edgegate.passwd")
# By standard input: a command line can be read by everybody on the machine.
printf '%s\n%s\n' "$password" "$password" | mosquitto_passwd "$directory/edgegate.passwd" "$user" >/dev/null

grep -qx "user $user" "$directory/edgegate.acl" || cat >>"$directory/edgegate.acl" <<END

user $user
topic write edgegate/v1/$site/$gate/state
topic write edgegate/v1/$site/$gate/devices/+
topic write edgegate/v1/$site/$gate/passages
topic write edgegate/v1/$site/$gate/backlog
topic write edgegate/v1/$site/$gate/alarms
topic write edgegate/v1/$site/$gate/tally
topic write edgegate/v1/$site/$gate/replies
topic write edgegate/v1/$site/occupancy/$gate
topic write homeassistant/+/${site}_$gate/+/config
topic read edgegate/v1/$site/$gate/receipt
topic read edgegate/v1/$site/$gate/commands
topic read edgegate/v1/$site/registers/#
topic read edgegate/v1/$site/notices
topic read edgegate/v1/$site/occupancy/+
topic read edgegate/v1/$site/+/passages
topic read edgegate/v1/$site/+/backlog
END
echo "$password"
