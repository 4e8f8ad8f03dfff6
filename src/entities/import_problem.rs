use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_problems")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub import_id: i64,
    pub row_no: i64,
    pub kind: String,
    pub column_name: Option<String>,
    pub value: Option<String>,
    pub resolved_by: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
