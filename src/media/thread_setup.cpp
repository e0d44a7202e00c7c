#include "media/thread_setup.hpp"

#include <csignal>

#include <pthread.h>

namespace cord::media {

void set_up_thread(const char* name) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), name);
}

}  // namespace cord::media
