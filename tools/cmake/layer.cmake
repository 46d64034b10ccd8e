# conntrail_layer(NAME target LINK libraries...): one static library of all sources of this folder.
#
# Includes are written from the root of the repository ("events/event.h"). What a folder may include is
# checked by tools/lint/layers.py; what it can include is bounded by what it links.
function(conntrail_layer)
  cmake_parse_arguments(LAYER "" "NAME" "SOURCES;LINK;LINK_PRIVATE" ${ARGN})
  if(NOT LAYER_SOURCES)  # a folder that has only headers so far
    add_library(${LAYER_NAME} INTERFACE)
    target_link_libraries(${LAYER_NAME} INTERFACE ${LAYER_LINK})
    return()
  endif()
  add_library(${LAYER_NAME} STATIC ${LAYER_SOURCES})
  target_include_directories(${LAYER_NAME} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${LAYER_NAME} PUBLIC ${LAYER_LINK} PRIVATE ${LAYER_LINK_PRIVATE})
endfunction()
