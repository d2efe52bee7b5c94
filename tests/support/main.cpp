// The main function of every test program, for releases of Catch2 that bring none.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
