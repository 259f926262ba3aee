# The soak's configuration: `[3,3,4,4]` VFs of gold, silver, bronze and copper. Seven of the largest floor fit on a port of
# 1 Gbit/s with 20 Mbit/s to spare, so that any division can be offered, whichever pods hold which VFs.
{
  ports: [{select: {driver: "igb"}, vfs: 7}],
  classes: ([
    ["gold", "140M", "600M"], ["silver", "100M", "300M"], ["bronze", "50M", "100M"], ["copper", "25M", "50M"]
  ] | to_entries | map({name: .value[0], floor: .value[1], ceiling: .value[2], min: $counts[.key], max: $counts[.key]}))
}
