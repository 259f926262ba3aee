// What precompiled headers are compiled beside; a program where they are for programs.
int main() {
  return 0;
}
