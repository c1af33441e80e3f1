// Generated from `datasete/sidecars/kinds.py` by `make requirements`.

export const PICTURES = [
  "png", "apng", "jpg", "jpeg", "jpe", "jfif", "jif", "jfi", "pjpeg", "pjp", "mpo", "webp", "avif", "avifs", "gif", "bmp",
  "dib", "tif", "tiff", "jp2", "j2k", "j2c", "jpc", "jpf", "jpx", "ppm", "pgm", "pbm", "pnm", "pfm",
];
export const OTHER_PICTURES = [
  "heic", "heif", "hif", "jxl", "jxr", "wdp", "hdp", "svg", "svgz", "eps", "ai", "psd", "psb", "xcf", "kra", "clip",
  "exr", "hdr", "tga", "dds", "ico", "cur", "icns", "pcx", "qoi", "pam", "ktx", "ktx2", "wmf", "emf", "dng", "cr2", "cr3",
  "nef", "nrw", "arw", "orf", "rw2", "raf", "pef", "srw", "raw", "3fr", "fff", "iiq", "x3f",
];
export const CAPTIONS = [
  "txt", "caption",
];
export const MASK_FOLDERS = [
  "masks", "mask",
];
export const MASK_ENDING = "-masklabel";
export const LITTER_FOLDERS = [
  "#recycle", "#snapshot", "@eadir", "@recycle", "@recently-snapshot", "@tmp", "@sharebin", "~snapshot", "$recycle.bin",
  "recycler", "system volume information", "lost+found", "__macosx", "network trash folder", "temporary items",
  "thevolumesettingsfolder",
];
export const LITTER_FILES = [
  "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r",
];
export const LITTER_BEGINNINGS = [
  ".", "~$", "synofile_thumb", "synophoto_thumb",
];
export const LITTER_ENDINGS = [
  "~", ".part", ".partial", ".crdownload", ".download", ".opdownload", ".filepart", ".tmp", ".temp", ".bak", ".swp",
  ".swo", ".lock", ".!ut", ".!qb", ".aria2",
];
