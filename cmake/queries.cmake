# The store's SQL becomes headers under generated/store: one for each query file, one for all migrations. Targets named
# …_queries make the headers alone, which is what clang-tidy needs before it can read a file.
# embed_queries(TARGET [SQL OUT]): SQL is the folder with query/ and migrations/, OUT where store/… is written.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(embed_queries room)
  set(script ${PROJECT_SOURCE_DIR}/scripts/embed_queries.py)
  set(folder ${PROJECT_SOURCE_DIR}/src/store)
  set(out ${PROJECT_BINARY_DIR}/generated/store)
  if(ARGC EQUAL 3)
    set(folder ${ARGV1})
    set(out ${ARGV2}/store)
  endif()

  file(GLOB files CONFIGURE_DEPENDS ${folder}/query/*.sql)
  set(headers)
  foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    add_custom_command(OUTPUT ${out}/query/${name}.h DEPENDS ${file} ${script}
      COMMAND ${Python3_EXECUTABLE} ${script} queries ${file} ${out}/query/${name}.h)
    list(APPEND headers ${out}/query/${name}.h)
  endforeach()

  file(GLOB migrations CONFIGURE_DEPENDS ${folder}/migrations/*.sql)
  add_custom_command(OUTPUT ${out}/migrations.h DEPENDS ${migrations} ${script}
    COMMAND ${Python3_EXECUTABLE} ${script} migrations ${folder}/migrations ${out}/migrations.h)
  list(APPEND headers ${out}/migrations.h)

  add_custom_target(${room}_queries DEPENDS ${headers})
  target_sources(${room} PRIVATE ${headers})
endfunction()

# embed_statements(ROOM FILE.sql NAMESPACE): the SQL of a room's own SQLite file becomes the header generated/FILE.h.
function(embed_statements room file namespace)
  set(script ${PROJECT_SOURCE_DIR}/scripts/embed_queries.py)
  string(REGEX REPLACE "^src/(.*)\\.sql$" "\\1.sql.h" header ${file})
  set(out ${PROJECT_BINARY_DIR}/generated/${header})
  add_custom_command(OUTPUT ${out} DEPENDS ${PROJECT_SOURCE_DIR}/${file} ${script}
    COMMAND ${Python3_EXECUTABLE} ${script} statements ${PROJECT_SOURCE_DIR}/${file} ${out} ${namespace})
  get_filename_component(name ${file} NAME_WE)
  add_custom_target(${room}_${name}_queries DEPENDS ${out})
  target_sources(${room} PRIVATE ${out})
endfunction()
