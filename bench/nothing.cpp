// Does nothing, linked statically: what starting any program costs.
int main() {
  return 0;
}
