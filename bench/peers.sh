#!/usr/bin/env bash
# Measures one peer: starts it on core 0 with a fresh folder, loads it from core 1, stops it by its id.
#
#   peers.sh PEER "scenario args" ["scenario args" ...]        JSON lines on standard output
#
# PEER: whoelse relay-direct relay-chan relay-tls ngircd inspircd mosquitto mosquitto-qos1 mosquitto-tls nats prosody
# ejabberd ejabberd-tls. The first four are built here (cargo build --release -p whoelse-server -p whoelse-bench); the
# rest are Debian packages of those names (nats: nats-server). Scenarios: whoelse-bench load --help. Loopback only.
#
#   peers.sh whoelse "register --n 400" "sat --pairs 200 --window 1" "rate" "fan --n 300" "offline" "idle --steps 200,400"
#   peers.sh relay-tls "sat --secs 5 --warm 1 --window 1 --pairs 200" "rate --secs 6" "fan --rounds 100" "idle"
#   peers.sh ejabberd "register --n 1000" "offline --pairs 20 --msgs 500"
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${BENCH_BIN:-$here/../target/release}
peer=${1:?PEER}; shift
run=$(mktemp -d); chmod 755 "$run"; pid=
finish() { [[ -n $pid ]] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; rm -rf "$run"; }
trap finish EXIT
ulimit -n 20000
for d in ngircd inspircd mosq prosody ejabberd; do mkdir "$run/$d"; done; chmod 777 "$run"/*/
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -keyout "$run/key.pem" -out "$run/cert.pem" 2>/dev/null
cat "$run/cert.pem" "$run/key.pem" >"$run/both.pem"; chmod 644 "$run"/*.pem
for c in "$here"/cfg/*; do sed "s#@RUN@#$run#g" "$c" >"$run/$(basename "$c")"; done
on0="taskset -c 0" on1="taskset -c 1" proto=raw tls=() port=17000
as() { local user=$1; shift; exec $on0 setpriv --reuid="$user" --regid="$user" --clear-groups "$@"; }
case $peer in
  whoelse) proto=whoelse port=13331
    $on0 "$bin/whoelse-server" $port 60 0 --bind 127.0.0.1 --accounts-per-hour 0 --accounts-at-once 1000000 --send-rate 0 --credentials "$run/credentials.txt" --data-dir "$run/data" \
      >"$run/out" 2>&1 & ;;
  relay-direct) $on0 "$bin/whoelse-bench" relay direct $port & ;;
  relay-chan) $on0 "$bin/whoelse-bench" relay chan $port & ;;
  relay-tls) tls=(--tls); $on0 "$bin/whoelse-bench" relay tls $port & ;;
  ngircd) proto=irc port=16667; $on0 ngircd -n -f "$run/ngircd.conf" >"$run/out" 2>&1 & ;;
  inspircd) proto=irc port=16668; as irc inspircd --nofork --config="$run/inspircd.conf" >"$run/out" 2>&1 & ;;
  mosquitto) proto=mqtt0 port=11883; $on0 mosquitto -c "$run/mosquitto.conf" >"$run/out" 2>&1 & ;;
  mosquitto-qos1) proto=mqtt1 port=11883; $on0 mosquitto -c "$run/mosquitto.conf" >"$run/out" 2>&1 & ;;
  mosquitto-tls) proto=mqtt0 port=11884 tls=(--tls); $on0 mosquitto -c "$run/mosquitto.conf" >"$run/out" 2>&1 & ;;
  nats) proto=nats port=14222; GOMAXPROCS=1 $on0 nats-server -c "$run/nats.conf" >"$run/out" 2>&1 & ;;
  prosody) proto=xmpp port=15222; as prosody prosody --config "$run/prosody.cfg.lua" -F >"$run/out" 2>&1 & ;;
  ejabberd*) proto=xmpp port=15222; [[ $peer == *-tls ]] && { port=15223; tls=(--tls); }
    lib=$(dpkg -L ejabberd | grep -m1 '/ebin$')
    (cd "$run/ejabberd" && ERL_LIBS=$(dirname "$(dirname "$lib")") EJABBERD_CONFIG_PATH=$run/ejabberd.yml \
      ERL_EPMD_ADDRESS=127.0.0.1 HOME=$run/ejabberd \
      exec $on0 setpriv --reuid=ejabberd --regid=ejabberd --clear-groups erl -noinput +K true +P 250000 +S 1:1 -pa "$lib" \
      -mnesia dir "\"$run/ejabberd/db\"" -ejabberd config "\"$run/ejabberd.yml\"" \
      -ejabberd log_path "\"$run/ejabberd/log\"" -s ejabberd >"$run/out" 2>&1) & ;;
  *) echo "peers.sh: unknown peer $peer" >&2; exit 2 ;;
esac
pid=$!
for _ in $(seq 150); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.2; done
(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "peers.sh: $peer did not open port $port" >&2; tail -5 "$run/out" >&2; exit 1; }
sleep 1; [[ $peer == ejabberd* ]] && sleep 4
for scenario in "$@"; do
  sleep 1
  # shellcheck disable=SC2086
  $on1 timeout 170 "$bin/whoelse-bench" load $proto $scenario --port $port --pid $pid --label "$peer" "${tls[@]}"
done
