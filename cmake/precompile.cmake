# Most of a compiler's time went by in the same headers of libraries. They are read once for each set of flags:
#
#   sluice_precompiled                sources of ours
#   sluice_precompiled_no_exceptions  those that the CNI plugin links
#   sluice_precompiled_tests          tests, which have GoogleTest and the libraries together
#
# The release build reads them for each source, so a source that includes less than it uses fails there.
set(sluice_library_headers <algorithm> <chrono> <fmt/format.h> <functional> <map> <memory> <mutex> <nlohmann/json.hpp> <optional>
  <string> <string_view> <thread> <tl/expected.hpp> <vector>)

if(SLUICE_PRECOMPILE)
  add_library(sluice_precompiled STATIC cmake/precompiled.cpp)
  target_link_libraries(sluice_precompiled PRIVATE sluice_options)
  target_precompile_headers(sluice_precompiled PRIVATE ${sluice_library_headers})

  add_library(sluice_precompiled_no_exceptions STATIC cmake/precompiled.cpp)
  target_link_libraries(sluice_precompiled_no_exceptions PRIVATE sluice_options sluice_no_exceptions)
  target_precompile_headers(sluice_precompiled_no_exceptions PRIVATE ${sluice_library_headers})

  if(SLUICE_TESTS)
    # A program, for those are compiled as PIE and libraries as PIC.
    add_executable(sluice_precompiled_tests cmake/precompiled.cpp)
    target_link_libraries(sluice_precompiled_tests PRIVATE sluice_options sluice_test_options)
    target_precompile_headers(sluice_precompiled_tests PRIVATE <gmock/gmock.h> <gtest/gtest.h> ${sluice_library_headers})
  endif()
endif()

# sluice_precompile(<target> [<kind>]): the target's sources begin with what sluice_precompiled<kind> has.
function(sluice_precompile target)
  if(SLUICE_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM sluice_precompiled${ARGN})
  endif()
endfunction()
