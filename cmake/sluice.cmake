# For all that the CNI plugin links: errors are values there, and a library that would throw ends the process instead. The
# tables that exceptions need would be a fifth of the static program.
add_library(sluice_no_exceptions INTERFACE)
target_compile_options(sluice_no_exceptions INTERFACE -fno-exceptions -fno-asynchronous-unwind-tables)

# A test spends its time in what it tests, and its compiler spent most of its own on optimizing the test.
add_library(sluice_test_options INTERFACE)
target_compile_options(sluice_test_options INTERFACE $<$<CONFIG:Debug>:-O0>)

# What decides for each node of a cluster, hundreds of times a second. All else is built to be small.
set(sluice_fast $<$<CONFIG:Release>:-O2>)

# sluice_library(<name> SOURCES … DEPENDS …): one folder of pkg/ (or a front end) as one static target.
# DEPENDS is the whole of what the folder may include; .ci/check_includes.py holds us to it.
function(sluice_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  # Those beside the sources, in their folders too.
  set(patterns *.h)
  foreach(source IN LISTS arg_SOURCES)
    get_filename_component(folder ${source} DIRECTORY)
    if(folder AND NOT IS_ABSOLUTE ${folder})
      list(APPEND patterns ${folder}/*.h)
    endif()
  endforeach()
  list(REMOVE_DUPLICATES patterns)
  file(GLOB headers CONFIGURE_DEPENDS ${patterns})
  # A source includes its own header first (.ci/check_includes.py), and so compiles it alone; the others are compiled for that.
  foreach(source IN LISTS arg_SOURCES)
    string(REGEX REPLACE "\\.cpp$" ".h" header ${source})
    list(REMOVE_ITEM headers ${CMAKE_CURRENT_SOURCE_DIR}/${header})
  endforeach()
  if(arg_SOURCES)
    add_library(sluice_${name} STATIC ${arg_SOURCES})
    target_sources(sluice_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
    target_link_libraries(sluice_${name} PUBLIC sluice_options ${arg_DEPENDS})
    if(NOT name MATCHES "^(agent|ctl|daemon|dra_[a-z]+|kube|kubelet|metrics|plugin|rpc|scheduler)$")
      target_link_libraries(sluice_${name} PRIVATE sluice_no_exceptions)
      sluice_precompile(sluice_${name} _no_exceptions)
    else()
      sluice_precompile(sluice_${name})
    endif()
  else()
    add_library(sluice_${name} INTERFACE)
    target_sources(sluice_${name} INTERFACE FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
    target_link_libraries(sluice_${name} INTERFACE sluice_options ${arg_DEPENDS})
  endif()
endfunction()

# sluice_host_program(<name>): the host runs it, whose C library may be older than ours, another one, or absent.
function(sluice_host_program name)
  if(SLUICE_STATIC_CNI)
    # Stubs that the program does not need are left out of it.
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/cni/static_stubs.cpp)
    # It relocates itself; packed, the plugin's relocations take 1 KiB in place of 58.
    target_link_options(${name} PRIVATE -static-pie -Wl,-z,pack-relative-relocs)
  endif()
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_link_options(${name} PRIVATE -s)
  endif()
endfunction()

# sluice_test(<name> [GRPC] [WHOLE] SOURCES … DEPENDS …): one GoogleTest binary bin/<name>. Names end in _unit (no privileges; every
# case known to ctest), _netns (root, run by test/netns/run) or _lab (in the lab guest, run by test/lab).
# GRPC: it speaks gRPC, whose libraries ThreadSanitizer must be told about. WHOLE: one case for ctest, in one process.
function(sluice_test name)
  cmake_parse_arguments(arg "GRPC;WHOLE" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE sluice_options sluice_test_options ${arg_DEPENDS} gmock gtest_main gtest fmt Threads::Threads)
  sluice_precompile(${name} _tests)
  if(arg_WHOLE)
    add_test(NAME ${name} COMMAND ${name})
  elseif(name MATCHES "_unit$")
    include(GoogleTest)
    # A case's parameter is named by the test or numbered: as bytes it holds addresses, which differ from run to run.
    if(arg_GRPC AND SLUICE_SANITIZE STREQUAL "thread")
      set(environment PROPERTIES ENVIRONMENT
        "TSAN_OPTIONS=ignore_noninstrumented_modules=1 suppressions=${PROJECT_SOURCE_DIR}/test/tsan_grpc.supp")
    endif()
    gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES ${environment})
  endif()
endfunction()
