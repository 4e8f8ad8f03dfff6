//! Files built row by row, so that a test shows what it uploads.

/// A CSV file; cells are quoted where they must be.
#[derive(Clone, Debug, Default)]
pub struct CsvFile(Vec<Vec<String>>);

impl CsvFile {
    #[must_use]
    pub fn header<const N: usize>(columns: [&str; N]) -> Self {
        Self(vec![columns.map(str::to_owned).to_vec()])
    }

    #[must_use]
    pub fn row<const N: usize>(mut self, cells: [&str; N]) -> Self {
        self.0.push(cells.map(str::to_owned).to_vec());
        self
    }

    /// Adds `count` rows made from their numbers.
    #[must_use]
    pub fn rows<const N: usize>(mut self, count: usize, cells: impl Fn(usize) -> [String; N]) -> Self {
        self.0.extend((0..count).map(|number| cells(number).to_vec()));
        self
    }

    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &self.0 {
            writer.write_record(row).expect("memory takes every row");
        }
        writer.into_inner().expect("memory takes every row")
    }
}
