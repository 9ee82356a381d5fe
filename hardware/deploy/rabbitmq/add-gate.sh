#!/bin/sh
# Lets a gate in at a RabbitMQ cluster: a user, and the right to its own topics only. On one node; the others know it at once.
#   add-gate.sh SITE GATE    prints the password, which goes into the gate's broker.passwordFile
set -eu
[ $# -eq 2 ] || { echo "add-gate.sh SITE GATE" >&2; exit 2; }
site=$1 gate=$2
for name in "$site" "$gate"; do
    case $name in
    '' | *[!a-z0-9-]*) echo "\"$name\": a name is of lower-case letters, digits and hyphens" >&2; exit 2 ;;
    occupancy | registers) echo "\"$name\" cannot be a gate's name" >&2; exit 2 ;;
    esac
done
user=$site.$gate
password=$(openssl rand -base64 24)
# From standard input: a command line can be read by everybody on the machine.
printf '%s\n' "$password" | rabbitmqctl -q add_user "$user" || printf '%s\n' "$password" | rabbitmqctl -q change_password "$user"
# Its own subscription queue, named after its client id, and the exchange that MQTT goes through; which topics there is said below, with dots for slashes.
queue="mqtt-subscription-$site-${gate}qos[01]"
rabbitmqctl -q set_permissions "$user" "^$queue\$" "^(amq\.topic|$queue)\$" "^(amq\.topic|$queue)\$"
own="edgegate\\.v1\\.$site\\.$gate"
rabbitmqctl -q set_topic_permissions "$user" amq.topic \
    "^($own\\.(state|devices\\.[^.]+|passages|backlog|alarms|tally|replies)|edgegate\\.v1\\.$site\\.occupancy\\.$gate|homeassistant\\.[^.]+\\.${site}_$gate\\.[^.]+\\.config)$" \
    "^($own\\.(receipt|commands)|edgegate\\.v1\\.$site\\.(registers\\..*|occupancy\\.[^.]+|[^.]+\\.(passages|backlog)))$"
echo "$password"
