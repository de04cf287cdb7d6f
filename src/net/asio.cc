// Asio, compiled once: the room's target defines BOOST_ASIO_SEPARATE_COMPILATION.

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
