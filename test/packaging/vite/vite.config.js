export default {
  build: {
    // In KiB. The package's default entry carries the binary; a page that fetches it by itself stays below the default of 500.
    chunkSizeWarningLimit: 4000,
  },
};
