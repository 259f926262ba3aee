# As broken.jq, and of a node where nothing comes or goes: every lane is attached with the rate that is on record, between its
# floor and its ceiling, and all else is free.
map(select(.when == "after") | .record.lanes[]) as $lanes
| map(select(.link) | .addresses as $addresses | .link[0].vfinfo_list[] | {key: $addresses[.vf], value: .rate.max_tx}) | from_entries as $rate_of
| ($lanes[] | ($rate_of[.id]) as $rate
   | (select(.phase != "attached") | "VF \(.id) is \(.phase)"),
     (select(.lost) | "VF \(.id) has lost its \(.lost)"),
     (select($rate * 1000000 != .in_force.ceiling) | "VF \(.id) has \($rate) Mbit/s, \(.in_force.ceiling) bit/s are on record"),
     (select($rate * 1000000 < .asked.floor) | "VF \(.id) has \($rate) Mbit/s, \(.asked.floor) bit/s are promised"),
     (select($rate * 1000000 > .asked.ceiling) | "VF \(.id) has \($rate) Mbit/s, \(.asked.ceiling) bit/s are its ceiling")),
  ($rate_of | to_entries[] | select(.value != 0 and (.key | IN($lanes[].id) | not)) | "VF \(.key) has \(.value) Mbit/s and no lane")
