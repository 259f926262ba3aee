# From the documents of state_of_node, slurped: a line for each promise that is broken; none when all are kept.
# These hold at any time, whatever comes and goes. $line is a port's line rate, in Mbit/s as the kernel's rates; the ledger's are
# in bit/s.
def mbps: . / 1000000;
def sum: add // 0;
def lanes($when): map(select(.when == $when) | .record) | map(.port as $port | .lanes[] | .port = $port);

. as $all
| lanes("before") as $before | lanes("after") as $after
| ($all | map(select(.offers) | .offers.offers[])) as $offers
| ($offers | map(.vf)) as $offered

# A VF has at most one lane and one offer.
| ($after | group_by(.id)[] | select(length > 1) | "VF \(.[0].id) has \(length) lanes on record"),
  ($offers | group_by(.vf)[] | select(length > 1) | "VF \(.[0].vf) is offered \(length) times"),

  ($all[] | select(.link) | .port as $port | .addresses as $addresses
   | [.link[0].vfinfo_list[] | {vf: $addresses[.vf], rate: .rate.max_tx}] as $vfs
   | ($after | map(select(.port == $port))) as $lanes

   # The sum of promises is within the line rate.
   | ([($offers[] | select(.port == $port)), ($lanes[] | select(.id | IN($offered[]) | not) | {rate: .asked})]
      | map(.rate.floor) | sum | mbps) as $promised
   | (select($promised > $line) | "port \($port): \($promised) Mbit/s are promised, its line rate is \($line)"),

   # So is the sum of ceilings in force: igb has no floors, and this is how they are kept.
     (($vfs | map(.rate) | sum) as $sum | select($sum > $line) | "port \($port): ceilings of \($sum) Mbit/s are in force, its line rate is \($line)"),

   # A rate is recorded before the kernel has it, and until the kernel has it no more.
     ($vfs[] | select(.rate > 0 and (.vf | IN(($before + $after)[].id) | not)) | "VF \(.vf) has \(.rate) Mbit/s and no lane")
  )
