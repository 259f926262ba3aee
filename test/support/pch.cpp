// Carries the precompiled header that the test binaries share; a program only so that it is
// compiled with the flags of programs.
int main() {
  return 0;
}
