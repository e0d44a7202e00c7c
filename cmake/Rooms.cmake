# One room is one static library. LINKS is its link line, which is the include rule of
# docs/ARCHITECTURE.md: `make lint` checks every #include against the same table.
add_library(cord_flags INTERFACE)
target_compile_options(cord_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
target_include_directories(cord_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
# Debian's Boost and prometheus-cpp are foreign headers: no warnings of theirs.
target_include_directories(cord_flags SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
if(CORD_SANITIZE)
  target_compile_options(cord_flags INTERFACE
    -fsanitize=${CORD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(cord_flags INTERFACE -fsanitize=${CORD_SANITIZE})
  # GCC 12 takes instrumented code for uses of uninitialized variables (its manual, -fsanitize).
  target_compile_options(cord_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  if(CORD_SANITIZE STREQUAL "thread")
    # ThreadSanitizer does not follow fences, and GCC says so. Asio's come on top of its locks.
    target_compile_definitions(cord_flags INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()
if(CORD_FUZZ)
  target_compile_options(cord_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# cord_room(NAME LINKS room... LIBRARIES foreign...)
function(cord_room name)
  cmake_parse_arguments(ROOM "" "" "LINKS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    add_library(cord_${name} INTERFACE)
    target_link_libraries(cord_${name} INTERFACE cord_flags ${ROOM_LINKS} ${ROOM_LIBRARIES})
    return()
  endif()
  add_library(cord_${name} STATIC ${sources})
  target_link_libraries(cord_${name} PUBLIC cord_flags ${ROOM_LINKS} PRIVATE ${ROOM_LIBRARIES})
endfunction()
