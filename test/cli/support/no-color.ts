// Imported before everything else: picocolors decides when it is loaded.
process.env['NO_COLOR'] = '1';
